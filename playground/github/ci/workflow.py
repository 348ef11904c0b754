"""A workflow file, understood: what starts it, its jobs and their steps.

Law: a key that would change what runs and is not supported here is refused with its line; none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .workflow_yaml import Node, YamlError, parse

_IGNORED_TOP = {"permissions", "concurrency", "run-name"}
_IGNORED_JOB = {"permissions", "environment", "concurrency", "runs-on"}
_CONDITIONS = {"always()": "always", "success()": "success", "failure()": "failure", "!cancelled()": "always"}
_NO_OP = ("actions/setup-node", "actions/setup-python", "actions/cache", "actions/configure-pages")
_KNOWN = (
    "actions/checkout", "actions/upload-artifact", "actions/upload-pages-artifact", "actions/deploy-pages",
    "shipmate-playground/deploy-preview", *_NO_OP,
)  # fmt: skip
_SECRET = re.compile(r"secrets\.\w+")
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
EXPRESSIONS = {
    "github.sha": "GITHUB_SHA", "github.ref": "GITHUB_REF", "github.ref_name": "GITHUB_REF_NAME",
    "github.repository": "GITHUB_REPOSITORY", "github.run_id": "GITHUB_RUN_ID", "github.job": "GITHUB_JOB",
    "github.run_number": "GITHUB_RUN_NUMBER", "github.event_name": "GITHUB_EVENT_NAME", "github.actor": "GITHUB_ACTOR",
    "github.head_ref": "GITHUB_HEAD_REF", "github.base_ref": "GITHUB_BASE_REF", "github.workflow": "GITHUB_WORKFLOW",
    "runner.os": "RUNNER_OS",
}  # fmt: skip


@dataclass(frozen=True)
class Trigger:
    """`branches` and `ignored` are patterns; an empty `branches` means all."""

    branches: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def fits(self, branch: str) -> bool:
        inside = not self.branches or any(_fits(branch, pattern) for pattern in self.branches)
        return inside and not any(_fits(branch, pattern) for pattern in self.ignored)


@dataclass(frozen=True)
class Step:
    name: str
    line: int
    run: str = ""
    uses: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    condition: str = "success"
    continue_on_error: bool = False
    minutes: float | None = None

    @property
    def action(self) -> str:
        return self.uses.partition("@")[0]


@dataclass(frozen=True)
class Job:
    key: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ("ubuntu-latest",)
    minutes: float | None = None


@dataclass(frozen=True)
class Workflow:
    name: str
    triggers: Mapping[str, Trigger]
    jobs: tuple[Job, ...]


def _fits(branch: str, pattern: str) -> bool:
    return fnmatchcase(branch, pattern.replace("**", "*")) and (
        "**" in pattern or branch.count("/") <= pattern.count("/")
    )


def read(text: str, fallback_name: str) -> Workflow:
    """Raises YamlError, with the line, for anything that is not supported."""
    top = _map(parse(text))
    for key, node in top.items():
        if key not in {"name", "on", "jobs", "env", *_IGNORED_TOP}:
            raise YamlError(node.line, f"`{key}` is not supported by this CI")
    if "on" not in top or "jobs" not in top:
        raise YamlError(1, "a workflow needs `on` and `jobs`")
    shared = _texts(top.get("env"))
    jobs = tuple(_job(key, node, shared) for key, node in _map(top["jobs"]).items())
    if not jobs:
        raise YamlError(top["jobs"].line, "a workflow needs a job")
    for job in jobs:
        for need in job.needs:
            if need not in {other.key for other in jobs} or need == job.key:
                raise YamlError(top["jobs"].line, f"job `{job.key}` needs `{need}`, which is not a job")
    return Workflow(_text(top["name"]) if "name" in top else fallback_name, _triggers(top["on"]), jobs)


def _triggers(node: Node) -> dict[str, Trigger]:
    if isinstance(node.value, str):
        return {node.value: Trigger()}
    if isinstance(node.value, list):
        return {_text(item): Trigger() for item in node.value}
    found = {}
    for event, inner in _map(node).items():
        filters = _map(inner) if isinstance(inner.value, dict) else {}
        if event in {"push", "pull_request"}:
            for key, value in filters.items():
                if key not in {"branches", "branches-ignore", "types"}:
                    raise YamlError(value.line, f"the filter `{key}` is not supported by this CI")
        found[event] = Trigger(_list(filters.get("branches")), _list(filters.get("branches-ignore")))
    return found


def _job(key: str, node: Node, shared: Mapping[str, str]) -> Job:
    body = _map(node)
    for name, inner in body.items():
        if name not in {"name", "needs", "env", "steps", "timeout-minutes", *_IGNORED_JOB}:
            raise YamlError(inner.line, f"`{name}` of a job is not supported by this CI")
    steps = body.get("steps")
    if steps is None or not isinstance(steps.value, list):
        raise YamlError(node.line, f"job `{key}` has no steps")
    return Job(
        key, _text(body["name"]) if "name" in body else key, tuple(_step(item) for item in steps.value),
        _list(body.get("needs")), {**shared, **_texts(body.get("env"))},
        _list(body.get("runs-on")) or ("ubuntu-latest",),
        _number(body.get("timeout-minutes")),
    )  # fmt: skip


def _step(node: Node) -> Step:
    body = _map(node)
    known = {
        "name", "id", "run", "uses", "with", "env", "working-directory", "if", "shell", "continue-on-error",
        "timeout-minutes",
    }  # fmt: skip
    for name, inner in body.items():
        if name not in known:
            raise YamlError(inner.line, f"`{name}` of a step is not supported by this CI")
    if ("run" in body) == ("uses" in body):
        raise YamlError(node.line, "a step has either `run` or `uses`")
    if "shell" in body and _text(body["shell"]).split()[0] != "bash":
        raise YamlError(body["shell"].line, "the only shell is bash")
    run, uses = (_text(body[name]) if name in body else "" for name in ("run", "uses"))
    if uses and uses.partition("@")[0] not in _KNOWN:
        raise YamlError(body["uses"].line, f"`uses: {uses}` is not supported by this CI")
    return Step(
        _text(body["name"]) if "name" in body else uses or f"Run {run.strip().splitlines()[0] if run.strip() else ''}",
        node.line, run, uses, _texts(body.get("with")), _texts(body.get("env")),
        _text(body["working-directory"]) if "working-directory" in body else "", _condition(body.get("if")),
        "continue-on-error" in body and _text(body["continue-on-error"]) == "true",
        _number(body.get("timeout-minutes")),
    )  # fmt: skip


def _condition(node: Node | None) -> str:
    if node is None:
        return "success"
    text = _text(node, expand=False)
    wrapped = _EXPRESSION.fullmatch(text)
    found = _CONDITIONS.get((wrapped[1] if wrapped else text).replace(" ", ""))
    if found is None:
        raise YamlError(node.line, f"`if: {text[:60]}` is not supported (always(), success(), failure(), !cancelled())")
    return found


def _map(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise YamlError(node.line, "expected `key: value` lines here")
    return node.value


def _text(node: Node, *, expand: bool = True) -> str:
    if not isinstance(node.value, str):
        raise YamlError(node.line, "expected a plain value here")
    for match in _EXPRESSION.finditer(node.value) if expand else ():
        if match[1] not in EXPRESSIONS and not _SECRET.fullmatch(match[1]):
            raise YamlError(node.line, f"the expression `{match[0]}` is not supported by this CI")
    return node.value


def _texts(node: Node | None) -> dict[str, str]:
    if node is None or node.value is None:
        return {}
    return {key: "" if inner.value is None else _text(inner) for key, inner in _map(node).items()}


def _list(node: Node | None) -> tuple[str, ...]:
    if node is None or node.value is None:
        return ()
    return tuple(_text(item) for item in node.value) if isinstance(node.value, list) else (_text(node),)


def _number(node: Node | None) -> float | None:
    if node is None:
        return None
    try:
        return float(_text(node))
    except ValueError:
        raise YamlError(node.line, "expected a number here") from None


def expand(text: str, env: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """Replace expressions by their values; a secret that there is not is empty, as at GitHub."""

    def value(match: re.Match[str]) -> str:
        name = match[1].removeprefix("secrets.")
        return secrets.get(name.upper(), "") if name != match[1] else env.get(EXPRESSIONS.get(name, ""), "")

    return _EXPRESSION.sub(value, text)
