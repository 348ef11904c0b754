"""What a command may do to the persistent bash that every later one runs in."""

from __future__ import annotations

import pytest

from workers.sandbox import Limits
from workers.sandbox.session import BashSession

pytestmark = pytest.mark.attack("breaking out of the sandbox")

SOON = Limits(wall_seconds=10)


@pytest.mark.parametrize(
    "trick",
    [
        "printf() { :; }",
        "eval() { :; }",
        "shopt -s expand_aliases; alias printf=true eval=true",
        "exec 0</dev/null",
        "IFS=0123456789abcdef",
    ],
)
def test_a_redefined_shell_still_tells_the_next_command_from_this_one(session: BashSession, trick: str) -> None:
    assert session.shell(trick, limits=SOON).timed_out is False
    ran = session.shell("echo alive; (exit 5)", limits=SOON)
    assert (ran.exit_code, ran.output) == (5, "alive\n")
