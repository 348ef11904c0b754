"""Run the tool calls of the model. A wrong call is reported to the model, never raised."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from workers.agent import AgentAccess, Block, Job
from workers.agent.framing import guidance
from workers.agent.pictures import ImageBudget
from workers.agent.tools import ask, bash, editor, finish, run_checks, search, view_image
from workers.agent.tools.ask import Ask
from workers.agent.tools.finish import Finish
from workers.agent.tools.tool_result import MOST, ToolResult, shortened
from workers.agent.transcript import Turn
from workers.sandbox import Limits

MODELS: dict[str, type[Ask] | type[Finish]] = {ask.NAME: Ask, finish.NAME: Finish}
OUTPUTS = "/tmp/outputs"  # noqa: S108 - inside the sandbox, whose /tmp is its own
ROOT = "/workspace"
MOST_GUIDES = 4
"""Nested guidance files that one turn may bring up."""


class Toolbox:
    """Runs the calls of one conversation. `cancelled` ends a call early; its answer then means nothing."""

    def __init__(self, job: Job, access: AgentAccess, cancelled: Callable[[], bool]) -> None:
        self._job, self._access, self._cancelled = job, access, cancelled

    def run(self, name: str, given: object, label: str, budget: ImageBudget, tree: Callable[[], str]) -> ToolResult:
        """Run one call in the sandbox. `label` names its whole output, `budget` says what pictures may still come.

        `tree` is the workspace as it stands by now.
        """
        session, cancelled = self._access.session, self._cancelled
        if not isinstance(given, dict):
            return ToolResult("The call's input must be an object.", failed=True)
        if name == bash.NAME:
            return self._whole(bash.run(given, session, cancelled), label)
        if name == editor.NAME:
            return editor.run(given, session, cancelled)
        if name == search.NAME:
            return search.run(given, session, cancelled)
        if name == run_checks.NAME:
            return run_checks.run(given, session, lambda which: self._job.suite(which, tree()), cancelled)
        if name == view_image.NAME:
            return view_image.run(given, session, self._access.blobs, budget, cancelled)
        return ToolResult(f"There is no tool named {name[:100]}.", failed=True)

    def guidance(self, asked: Sequence[Block], held: Sequence[Turn]) -> list[Block]:
        """Return guidance of the folders that these calls came to, unless the conversation holds it already."""
        nested = self._job.nested
        if not nested:
            return []
        touched = [place for call in asked for place in _places(call)]
        wanted = [path for path in nested if any(_below(_folder(path), place) for place in touched)]
        shown = [str(b.get("text", "")) for row in held for b in row.results or () if b.get("type") == "text"]
        fresh = [path for path in wanted if not any(f"<guidance>\n{path}:" in words for words in shown)]
        return [{"type": "text", "text": guidance(path, self._job.read_guidance(path))} for path in fresh[:MOST_GUIDES]]

    def _whole(self, answer: ToolResult, label: str) -> ToolResult:
        """Return a long output shortened; all of it is kept, and lies in the sandbox where the model can read it."""
        if not answer.whole:
            return answer
        data = answer.whole.encode("utf-8", "replace")
        kept = self._access.blobs.put(data)
        path = f"{OUTPUTS}/{label}.txt"
        command = f"mkdir -p {OUTPUTS} && base64 -d >{path} <<'END'\n{base64.b64encode(data).decode()}\nEND"
        ran = self._access.session.shell(command, limits=Limits(wall_seconds=20.0), cancelled=self._cancelled)
        where = f"; all of it is in {path}" if ran.exit_code == 0 else ""
        hint = f"{where}; kept as artifact {kept}"
        return ToolResult(shortened(answer.text, MOST - 400, hint), answer.failed)


def _places(call: Block) -> list[str]:
    """Return the paths, relative to the root, that a call speaks of: by its `path`, or by the words of its command."""
    given = call.get("input")
    if not isinstance(given, dict):
        return []
    said = [given["path"]] if isinstance(given.get("path"), str) else str(given.get("command") or "")[:4000].split()
    inside = (word.strip("'\"();&|<>").removeprefix(ROOT).lstrip("/") for word in said)
    return [posixpath.normpath(word) for word in inside if word]


def _folder(guide: str) -> str:
    """Return the folder that a file of guidance speaks of."""
    above, ruled, _ = guide.partition("/.cursor/")
    return above if ruled else posixpath.dirname(guide)


def _below(folder: str, place: str) -> bool:
    return place == folder or place.startswith(f"{folder}/")


def read_ending(call: Block) -> Ask | Finish | ToolResult:
    """Return the validated input of `ask` or `finish`, or what is wrong with it."""
    try:
        return MODELS[call["name"]].model_validate(call.get("input"))
    except ValidationError as wrong:
        problems = "; ".join(
            f"`{'.'.join(map(str, one['loc'])) or 'input'}`: {one['msg']}" for one in wrong.errors(include_input=False)
        )
        return ToolResult(f"Not accepted: {problems}. Call `{call['name']}` again.", failed=True)
