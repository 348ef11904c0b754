"""One reading of a pull request: itself, its checks weighed against its base, its standing reviews, and the rules of
the branch, at one moment.

One GraphQL query says most of it, because REST has no way to ask whether a check is required. Two REST calls name the
required checks that nobody has reported yet, which a query about reported ones cannot show.

Law: a list is read to its end, or the reading says that it was not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from github.Repository import Repository

from bot.domain import ci
from bot.domain.change import Pull
from bot.domain.ci import CiReading, CiRun, Key, Objection, State
from bot.domain.frozen import revised
from workers.forge import Method, PullReading, PullState
from workers.forge.ci import UNNAMED, check_state, short, status_state, web_url
from workers.forge.github_errors import permitted
from workers.forge.pull_query import MORE, MORE_OF_OTHERS, QUERY

Json = Mapping[str, Any]
MOST_PAGES = 10


@dataclass(frozen=True)
class _Reported:
    """A run with what tells whose it is: the app's number and suite, and whether the suite goes on."""

    run: CiRun
    app: int | None = None
    suite: int | None = None
    suite_open: bool = False
    person: bool = False


@dataclass
class PullReader:
    """Reads one pull request, whose change begins at the commit `base`. `own` are logins whose word is no proof."""

    repo: Repository
    full_name: str
    known: Pull
    base: str
    own: Collection[str] = ()
    complete: bool = True

    def read(self) -> PullReading:
        """Return the reading. Raises PyGithub's errors."""
        given = {"base": self.base, "workflows": f"{self.known.head_sha}:.github/workflows", "after": None}
        found = self._asked(QUERY, given)
        pull = found["pullRequest"]
        branch = str(pull["baseRefName"])
        rules = permitted(lambda: self._pages(f"rules/branches/{quote(branch, safe='')}"))
        required = [*_ruled(rules), *self._classic(branch)]
        objections = self._objections(pull["latestOpinionatedReviews"])
        return PullReading(
            state=_state(pull),
            base_tip=pull["baseRef"]["target"]["oid"] if pull["baseRef"] else None,
            ci=self._checks(found, required),
            objections=objections,
            methods=_methods(found, rules),
            queue=bool(pull["isMergeQueueEnabled"]) or any(it["type"] == "merge_queue" for it in rules),
        )

    def _checks(self, found: Json, required: list[tuple[str, int | None]]) -> CiReading:
        pull = found["pullRequest"]
        commit = pull["head"]["nodes"][0]["commit"]
        own = {*self.own, *_authors(pull)}
        reported = [_judged(it, required, own) for it in self._reported(commit, MORE)]
        base, likely = self._before(found["base"])
        runs = list(ci.compared((it.run for it in reported), base, () if required else likely))
        runs += [*_unreported(required, reported), *_going_on(reported, {by for _kind, by, _name in base})]
        if not runs and found["workflows"] and found["workflows"].get("entries"):
            runs.append(CiRun(name=UNNAMED, by="github-actions", state="expected"))
        sha = str(commit["oid"])
        reading = CiReading(sha=sha, state="none", runs=tuple(runs), complete=self.complete, requires=bool(required))
        return ci.weighed(reading)

    def _before(self, commit: Json | None) -> tuple[dict[Key, State], list[Key]]:
        """Return the states on the base commit and, where a pull request brought it, on the head of that; and which of
        them a pull request is likely to get.
        """
        here = {ci.key(it.run): it.run.state for it in self._reported(commit)} if commit else {}
        brought = [it for it in (commit or {}).get("associatedPullRequests", {}).get("nodes", []) if it["merged"]]
        heads = [node["commit"] for it in brought for node in it["commits"]["nodes"]]
        there = {ci.key(it.run): it.run.state for head in heads for it in self._reported(head)}
        return {**there, **here}, list(there or here)

    def _reported(self, commit: Json, query: str = MORE_OF_OTHERS) -> list[_Reported]:
        return [_parsed(node) for node in self._contexts(commit, query)]

    def _contexts(self, commit: Json, query: str) -> Iterator[Json]:
        """Yield everything that was reported of a commit; `query` asks for the pages after the first."""
        rollup = commit.get("statusCheckRollup")
        for _page in range(MOST_PAGES):
            if not rollup:
                return
            listed = rollup["contexts"]
            yield from listed["nodes"]
            if not listed["pageInfo"]["hasNextPage"]:
                return
            more = self._asked(query, {"sha": commit["oid"], "after": listed["pageInfo"]["endCursor"]})
            rollup = (more["object"] or {}).get("statusCheckRollup")
        self.complete = False

    def _objections(self, reviews: Json | None) -> tuple[Objection, ...]:
        if reviews is None:
            return ()
        self.complete = self.complete and reviews["totalCount"] <= len(reviews["nodes"])
        standing = [it for it in reviews["nodes"] if it["state"] == "CHANGES_REQUESTED"]
        return tuple(Objection(id=str(it["id"]), by=short(_login(it["author"]) or "ghost", 60)) for it in standing)

    def _classic(self, branch: str) -> list[tuple[str, int | None]]:
        """Return what classic protection requires; every reader of a branch is told."""
        found = permitted(lambda: [self._got(f"branches/{quote(branch, safe='')}")])
        demanded = found[0].get("protection", {}).get("required_status_checks") or {} if found else {}
        return [(str(it["context"]), it.get("app_id")) for it in demanded.get("checks") or []]

    def _asked(self, query: str, given: dict[str, Any]) -> Json:
        owner, _, name = self.full_name.partition("/")
        variables = {"owner": owner, "name": name, "number": self.known.number, **given}
        _headers, answer = self.repo.requester.graphql_query(query, variables)
        found: Json = answer["data"]["repository"]
        return found

    def _got(self, path: str) -> Any:
        return self.repo.requester.requestJsonAndCheck("GET", f"{self.repo.url}/{path}")[1]

    def _pages(self, path: str) -> list[Any]:
        found: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            listed = self._got(f"{path}?per_page=100&page={page}")
            found += listed
            if len(listed) < 100:
                return found
        self.complete = False
        return found


def _parsed(node: Json) -> _Reported:
    if node["__typename"] == "CheckRun":
        suite = node["checkSuite"]
        app = suite.get("app") or {}
        run = CiRun(
            name=short(node["name"]),
            state=check_state(node["status"], node["conclusion"]),
            url=web_url(node["url"] or node["detailsUrl"]),
            summary=short(node["title"]),
            by=short(app.get("slug") or "", 60),
            required=bool(node.get("isRequired")),
        )
        return _Reported(run, app.get("databaseId"), suite["databaseId"], suite["status"] != "COMPLETED")
    creator = node["creator"] or {}
    run = CiRun(
        kind="status",
        name=short(node["context"]),
        state=status_state(node["state"]),
        url=web_url(node["targetUrl"]),
        summary=short(node["description"]),
        by=short(_login(creator) or "", 60),
        required=bool(node.get("isRequired")),
    )
    return _Reported(run, person=creator.get("__typename") == "User")


def _judged(it: _Reported, required: list[tuple[str, int | None]], own: Collection[str]) -> _Reported:
    """Return a run of the head, marked if GitHub requires it, or if its author reports on their own change."""
    demanded = it.run.required or any(_meets(it, one) for one in required)
    mine = it.run.kind == "status" and it.person and it.run.by.lower() in {login.lower() for login in own}
    return replace(it, run=revised(it.run, required=demanded, own=mine))


def _meets(it: _Reported, one: tuple[str, int | None]) -> bool:
    name, app = one
    return it.run.name == short(name) and (app in {None, it.app} or (it.run.kind == "status" and it.run.required))


def _unreported(required: list[tuple[str, int | None]], reported: list[_Reported]) -> list[CiRun]:
    missing = dict.fromkeys(short(one[0]) for one in required if not any(_meets(it, one) for it in reported))
    return [CiRun(name=name, state="expected", required=True) for name in missing]


def _going_on(reported: list[_Reported], known: Collection[str]) -> list[CiRun]:
    """Return a run for each suite that will report more: a job begins to exist when the one it needs has ended."""
    suites: dict[int, list[_Reported]] = {}
    for it in reported:
        if it.suite is not None and it.suite_open:
            suites.setdefault(it.suite, []).append(it)
    apps = [them[0].run.by for them in suites.values() if not any(it.run.state in ci.UNFINISHED for it in them)]
    return [
        CiRun(name=f"more of {by}", by=by, state="waiting", before="running" if by in known else "")
        for by in dict.fromkeys(apps)
    ]


def _ruled(rules: list[Json]) -> list[tuple[str, int | None]]:
    checks = [it.get("parameters") or {} for it in rules if it["type"] == "required_status_checks"]
    listed = [one for found in checks for one in found.get("required_status_checks") or []]
    return [(str(one["context"]), one.get("integration_id")) for one in listed]


def _methods(found: Json, rules: list[Json]) -> tuple[Method, ...]:
    """Return the ways of merging that both the repository and the rules of the branch allow, ours first."""
    settings: tuple[tuple[Method, str], ...] = (
        ("merge", "mergeCommitAllowed"),
        ("squash", "squashMergeAllowed"),
        ("rebase", "rebaseMergeAllowed"),
    )
    allowed = {method for method, setting in settings if found[setting]}
    for rule in rules:
        if rule["type"] == "pull_request":
            allowed &= set((rule.get("parameters") or {}).get("allowed_merge_methods") or allowed)
        elif rule["type"] == "required_linear_history":
            allowed.discard("merge")
    return tuple(method for method, _setting in settings if method in allowed)


def _state(pull: Json) -> PullState:
    merged = bool(pull["merged"])
    mergeable = {"MERGEABLE": True, "CONFLICTING": False}.get(pull["mergeable"])
    return PullState(
        pull=Pull(number=pull["number"], url=pull["url"], branch=pull["headRefName"], head_sha=pull["headRefOid"]),
        open=pull["state"] == "OPEN",
        merged=merged,
        merge_sha=pull["mergeCommit"]["oid"] if merged and pull["mergeCommit"] else None,
        merged_by=_login(pull["mergedBy"]) if merged else None,
        mergeable=mergeable,
        mergeable_state=str(pull["mergeStateStatus"]).lower(),
        into=pull["baseRefName"],
    )


def _authors(pull: Json) -> set[str]:
    """Return who wrote, committed or opened the change."""
    commits = [node["commit"] for node in pull["commits"]["nodes"]]
    users = [(it[role] or {}).get("user") for it in commits for role in ("author", "committer")]
    return {login for login in (_login(pull["author"]), *(_login(it) for it in users)) if login}


def _login(actor: Json | None) -> str | None:
    """Return a login as REST writes it: GraphQL leaves out the end of a bot's."""
    if not actor:
        return None
    return f"{actor['login']}[bot]" if actor.get("__typename") == "Bot" else str(actor["login"])
