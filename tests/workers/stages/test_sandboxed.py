"""A host without a sandbox for a moment is asked once more before a person is told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from workers import GiveUp, TryAgain
from workers.sandbox import SandboxUnavailable
from workers.stages.context import StageContext
from workers.stages.provision import sandboxed


class _None:
    """A sandbox that never begins."""

    def open(self, *_: object) -> None:
        raise SandboxUnavailable("the kernel is out of namespaces")


def _context(attempts: int) -> StageContext:
    claim, tools = SimpleNamespace(attempts=attempts), SimpleNamespace(sandbox=_None())
    return cast(StageContext, SimpleNamespace(claim=claim, tools=tools))


def test_the_first_time_the_work_is_tried_again_and_that_counts(tmp_path: Path) -> None:
    with pytest.raises(TryAgain, match="out of namespaces") as later, sandboxed(_context(1), tmp_path):
        pass
    assert later.value.counts
    assert 0 < later.value.after_seconds <= 10


def test_the_second_time_a_person_is_told_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(GiveUp, match="couldn't start a sandbox: the kernel") as given,
        sandboxed(_context(2), tmp_path),
    ):
        pass
    assert given.value.advice == "Shipmate's operator has to fix it."
