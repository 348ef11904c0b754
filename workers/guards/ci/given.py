"""What the CI of a base commit hands to the code that it runs for a push to our branch: secrets, tokens, runners.

A workflow is YAML, so it is parsed. Which events a push of ours sets off is told by its `on`; an event that is not
known here counts. Secrets are names in its expressions. What cannot be told (another CI system, an expression that
names a runner, a token without `permissions`) counts as given, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import re2

from workers.formats import yaml
from workers.formats.yaml import Value
from workers.guards.found import Read, spell, spell_path
from workers.guards.rules import is_of

_FOLDER = ".github/workflows/"
_MOST_FILES, _LARGEST = 200, 1 << 20
_NEVER_OURS = frozenset(
    {"schedule", "workflow_dispatch", "repository_dispatch", "release", "workflow_call", "merge_group", "issues",
     "issue_comment", "discussion", "discussion_comment", "fork", "gollum", "label", "milestone", "page_build",
     "public", "watch", "delete", "branch_protection_rule", "registry_package"}
)  # fmt: skip
"""Events that neither a push to our branch nor its pull request sets off."""
_EXPRESSION = re2.compile(r"\$\{\{(.*?)\}\}")
_SECRET = re2.compile(r"\bsecrets\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*['\"]([\w-]+)['\"]\s*\])")
_ANY_SECRET = re2.compile(r"\bsecrets\b")
_OF_MATRIX = re2.compile(r"^\s*\$\{\{\s*matrix\.([\w-]+)\s*\}\}\s*$")
_HOSTED = re2.compile(r"^(?:ubuntu|windows|macos)-[\w.-]+$")
_LOCAL = "./"


@dataclass(frozen=True)
class Given:
    """`commands` are (folder it runs in, text, who runs it) of every step that would run; `also` as in `CiReach`."""

    secrets: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    commands: tuple[tuple[str, str, str], ...] = ()


def given(old: Read, files: Sequence[str], *, branch: str, into: str) -> Given:
    """Return what is handed out; `old` reads a path of the base."""
    reader = _Reading(old)
    workflows = [path for path in files if path.startswith(_FOLDER) and path.endswith((".yml", ".yaml"))]
    for path in workflows[:_MOST_FILES]:
        reader.workflow(path, branch, into)
    if len(workflows) > _MOST_FILES:
        reader.also.append("workflows beyond the first 200, which I don't read")
    for path in files:
        if is_of("ci-system", path):
            reader.also.append(f"whatever {spell_path(path)} gives")
            reader.commands.append(("", _text(old, path) or "", path))
    names = ("*",) if "*" in reader.secrets else tuple(sorted(reader.secrets))
    rights = sorted(reader.rights)
    tokens = [f"a token that can write ({', '.join(rights)})"] if rights else []
    return Given(names, (*tokens, *dict.fromkeys(reader.also)), tuple(reader.commands))


class _Reading:
    """Collects over all workflows that a push of ours sets off."""

    def __init__(self, old: Read) -> None:
        self._old = old
        self._read: set[str] = set()
        self.secrets: set[str] = set()
        self.rights: set[str] = set()
        self.also: list[str] = []
        self.commands: list[tuple[str, str, str]] = []

    def workflow(self, path: str, branch: str, into: str) -> None:
        """Read one workflow, if a push to `branch` or a pull request into `into` sets it off."""
        try:
            content = yaml.loads(_text(self._old, path) or "")
        except ValueError:
            content = ""
        if not isinstance(content, dict) or not isinstance(content.get("jobs"), dict):
            self.also.append(f"whatever {spell_path(path)} gives, which I can't read")
        elif any(_sets_off(event, how, branch, into) for event, how in _events(content.get("on"))):
            self._jobs(path, content, top=True)

    def _jobs(self, path: str, content: dict[str, Value], *, top: bool, inherits: bool = True) -> None:
        if path in self._read:
            return
        self._read.add(path)
        if inherits:
            self.secrets |= set(_secrets({name: part for name, part in content.items() if name != "on"}))
        shared = _folder(content)
        jobs = content["jobs"]
        for job in jobs.values() if isinstance(jobs, dict) else ():
            if not isinstance(job, dict):
                continue
            self._token(path, job.get("permissions", content.get("permissions")), top=top)
            if isinstance(uses := job.get("uses"), str):
                self._called_workflow(uses, job)
            else:
                self._runner(path, job)
            for step in _dicts(job.get("steps")):
                self._step(path, step, _folder(job) or shared)

    def _step(self, path: str, step: Mapping[str, Value], folder: str) -> None:
        if isinstance(run := step.get("run"), str):
            place = step.get("working-directory")
            self.commands.append((place if isinstance(place, str) else folder, run, path))
        uses = step.get("uses")
        if isinstance(uses, str) and uses.startswith(_LOCAL):
            self._action(uses.removeprefix(_LOCAL).strip("/"), path)

    def _action(self, folder: str, path: str) -> None:
        """Read an action of the repository's own: all of its folder is run."""
        self.commands.append(("", f"{folder}/", path))
        for name in ("action.yml", "action.yaml"):
            place = f"{folder}/{name}" if folder else name
            text = _text(self._old, place)
            if text is None or place in self._read:
                continue
            self._read.add(place)
            try:
                content = yaml.loads(text)
            except ValueError:
                self.also.append(f"whatever {spell_path(place)} gives, which I can't read")
                continue
            runs = content.get("runs") if isinstance(content, dict) else None
            for step in _dicts(runs.get("steps")) if isinstance(runs, dict) else ():
                self._step(path, step, "")

    def _called_workflow(self, uses: str, job: Mapping[str, Value]) -> None:
        inherits = job.get("secrets") == "inherit"
        if inherits:
            self.secrets.add("*")
        if not uses.startswith(_LOCAL):
            return
        place = uses.removeprefix(_LOCAL)
        try:
            content = yaml.loads(_text(self._old, place) or "")
        except ValueError:
            content = ""
        if isinstance(content, dict) and "jobs" in content:
            self._jobs(place, content, top=False, inherits=inherits)
        else:
            self.also.append(f"whatever {spell_path(place)} gives, which I can't read")

    def _token(self, path: str, permissions: Value | None, *, top: bool) -> None:
        if isinstance(permissions, dict):
            self.rights |= {spell(name) for name, right in permissions.items() if right == "write"}
        elif permissions == "write-all":
            self.rights.add("everything")
        elif (permissions is not None or top) and permissions != "read-all":
            self.also.append(f"a token whose rights {spell_path(path)} does not limit")

    def _runner(self, path: str, job: Mapping[str, Value]) -> None:
        labels = job.get("runs-on")
        named = [labels] if isinstance(labels, str) else labels if isinstance(labels, list) else []
        every = [label for one in named for label in _labels(one, job)]
        if not every or not all(_HOSTED.search(label) for label in every):
            self.also.append(f"a runner of your own, as far as {spell_path(path)} tells")


def _labels(label: Value, job: Mapping[str, Value]) -> list[str]:
    """Return what a label stands for: itself, or the values of the matrix that it names; [""] where it is not clear."""
    if not isinstance(label, str):
        return [""]
    named = _OF_MATRIX.search(label)
    if named is None:
        return [label]
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, dict) else None
    if not isinstance(matrix, dict):
        return [""]
    key = named[1] or ""
    values = matrix.get(key)
    found: list[Value] = list(values) if isinstance(values, list) else [] if values is None else [values]
    found += [one[key] for one in _dicts(matrix.get("include")) if key in one]
    return [one if isinstance(one, str) else "" for one in found]


def _events(on: Value | None) -> Iterator[tuple[str, Value]]:
    if isinstance(on, str):
        yield on, ""
    elif isinstance(on, list):
        yield from ((one, "") for one in on if isinstance(one, str))
    elif isinstance(on, dict):
        yield from on.items()
    else:
        yield "unreadable", ""


def _sets_off(event: str, how: Value, branch: str, into: str) -> bool:
    filters = how if isinstance(how, dict) else {}
    if event in _NEVER_OURS:
        return False
    if event == "push":
        by_branch = filters.keys() & {"branches", "branches-ignore"}
        return _passes(filters, branch) and bool(by_branch or not filters.keys() & {"tags", "tags-ignore"})
    if event in {"pull_request", "pull_request_target"}:
        return _passes(filters, into) and filters.get("types") not in ("closed", ["closed"])
    return True


def _passes(filters: Mapping[str, Value], name: str) -> bool:
    if "branches" in filters:
        return _matches(filters["branches"], name)
    return "branches-ignore" not in filters or not _matches(filters["branches-ignore"], name)


def _matches(patterns: Value, name: str) -> bool:
    """Return whether a branch is named, as GitHub reads patterns: in order, "!" takes back, `*` stops at a slash."""
    named = False
    for one in [patterns] if isinstance(patterns, str) else patterns:
        if isinstance(one, str) and re2.compile(_spelled(one.removeprefix("!"))).search(name):
            named = not one.startswith("!")
    return named


def _spelled(pattern: str) -> str:
    out = re2.escape(pattern[:200])
    for sign, means in ((r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "?"), (r"\+", "+"), (r"\[", "["), (r"\]", "]")):
        out = out.replace(sign, means)
    return f"^(?:{out.replace(chr(92) + '-', '-')})$"


def _secrets(value: Value) -> Iterator[str]:
    """Yield the names of secrets in all expressions below a value; "*" where an expression takes all of them."""
    if isinstance(value, str):
        for expression in _EXPRESSION.finditer(value):
            inner = expression[1] or ""
            named = [(hit[1] or hit[2] or "").upper() for hit in _SECRET.finditer(inner)]
            yield from (name for name in named if name != "GITHUB_TOKEN")
            if len(named) < sum(1 for _ in _ANY_SECRET.finditer(inner)):
                yield "*"
    else:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _secrets(one)


def _folder(part: Mapping[str, Value]) -> str:
    """Return `defaults.run.working-directory`."""
    defaults = part.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    place = run.get("working-directory") if isinstance(run, dict) else None
    return place if isinstance(place, str) else ""


def _dicts(value: Value | None) -> list[dict[str, Value]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(old: Read, path: str) -> str | None:
    content = old(path)
    return None if content is None else content[:_LARGEST].decode("utf-8", "replace")
