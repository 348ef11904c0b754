"""The repository's own checks, by name: what will judge the work, before it is proposed.

Law: the result is a hint to the model, not evidence. Evidence is made later, from the exported tree alone.
"""

from __future__ import annotations

from collections.abc import Callable

from workers.agent import Block, RunnableChecks
from workers.agent.tools.bash import told
from workers.agent.tools.tool_result import ToolResult, clean, shortened
from workers.sandbox import Limits, Session

NAME = "run_checks"
WHICH = ("quick", "changed", "all")
TOOL: Block = {
    "name": NAME,
    "description": (
        "Run the repository's own checks on /workspace as it stands, in a clean shell: `quick` is formatter, linter "
        "and types, `changed` the tests in files that you changed or added, `all` the whole test command that will "
        "judge your work."
    ),
    "input_schema": {
        "type": "object",
        "properties": {"which": {"type": "string", "enum": list(WHICH)}},
        "required": ["which"],
        "additionalProperties": False,
    },
}
EACH_MOST = 8_000


def run(
    given: dict[str, object],
    session: Session,
    suite: Callable[[str], RunnableChecks | None],
    cancelled: Callable[[], bool],
) -> ToolResult:
    """Run the steps of a suite one after the other and say how each ended."""
    which = given.get("which")
    if which not in WHICH:
        return ToolResult("`which` must be one of quick, changed, all.", failed=True)
    chosen = suite(which)
    if chosen is None or not chosen.steps:
        return ToolResult(f"Shipmate knows no `{which}` checks for this. Use bash to run what there is.")
    parts, failed = [], False
    for name, command, brief in chosen.steps:
        ran = session.run(command, limits=Limits(wall_seconds=chosen.wall_seconds), cancelled=cancelled)
        if ran.cancelled:
            break
        failed = failed or ran.exit_code != 0
        ended = "passed" if ran.exit_code == 0 else "FAILED"
        # A clean shell of its own, which nobody misses: the agent's is as it was.
        said = told(ran, shell="")
        said = clean(said if ran.exit_code in {0, None} else brief(said))
        most = EACH_MOST if len(chosen.steps) > 1 else 2 * EACH_MOST - 1000
        parts.append(f"{name}: {ended} ({ran.seconds:.1f} s)\n$ {command[:600]}\n{shortened(said, most)}".rstrip())
    return ToolResult("\n\n".join(parts), failed=failed)
