"""What is not missing, though it looks like it (what is: the samples of each language)."""

from __future__ import annotations

import pytest

from workers.checks.missing import missing
from workers.sandbox import Ran


class Empty:
    """A session in which no file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(1, "", 0.0)


class Full:
    """A session in which every file is found."""

    def run(self, _command: str, **_: object) -> Ran:
        return Ran(0, "", 0.0)


def test_a_ruby_file_of_the_repositorys_own_is_broken_and_not_missing() -> None:
    output = "spec_helper.rb:1:in `require': cannot load such file -- calc/twice (LoadError)\n"
    assert missing(output, Full()) is None  # type: ignore[arg-type]  # likewise


@pytest.mark.parametrize(
    "output",
    [
        "assert 'module lookup disabled by GOPROXY=off' in said",
        "print: error: no matching package named `x` found",
        "error[E0432]: unresolved import `itoa`",
        "--- FAIL: TestDepth (0.00s)",
    ],
)
def test_words_in_the_middle_of_other_output_mean_nothing(output: str) -> None:
    assert missing(output, Empty()) is None  # type: ignore[arg-type]  # likewise
