"""Prints the life of a change as a page: the picture of the table, and a row for every event.

Law: the page says nothing that is not in `transitions.TABLE` or in an event's docstring; a test compares the file.
"""

from __future__ import annotations

import inspect
import sys

from bot.domain import events
from bot.domain.change import Phase
from bot.domain.transitions import ENDED, TABLE, picture

_HEAD = """# The life of a change

`make lifecycle` prints this page from `bot/domain/transitions.py`; do not edit it by hand.

One change is one thread, one branch, one pull request, one card. An event moves it only where this page says so. A tap
that comes too late gets an answer and changes nothing; a late result of a stage changes nothing.

```mermaid
"""

_PHASES = """```

## Phases

| Phase | Ends by |
| --- | --- |
"""

_EVENTS = """
## Events

| Event | Said by | What happened | Moves |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the whole page, in Markdown."""
    phases = "".join(f"| {phase} | {_ends_by(phase)} |\n" for phase in Phase)
    rows = "".join(_row(kind) for kind in (events.Asked, *events.Press.__args__, *events.StageResult.__args__))
    return _HEAD + picture() + _PHASES + phases + _EVENTS + rows


def _ends_by(phase: Phase) -> str:
    if phase in ENDED:
        return "nothing: a new request starts in a new thread"
    ending = {kind for (before, kind), following in TABLE.items() if before is phase and following != (phase,)}
    return ", ".join(sorted(ending))


def _row(kind: type) -> str:
    said_by = "a stage" if kind in events.StageResult.__args__ else "a person"
    about = " ".join(inspect.cleandoc(kind.__dict__.get("__doc__") or "").split())
    return f"| {kind.__name__} | {said_by} | {about} | {_moves(kind)} |\n"


def _moves(kind: type) -> str:
    if kind is events.Asked:
        return "nothing → received, preparing"
    froms: dict[tuple[Phase, ...], list[Phase]] = {}
    staying = []
    for (phase, name), following in TABLE.items():
        if name != kind.__name__:
            continue
        if following == (phase,):
            staying.append(phase)
        else:
            froms.setdefault(following, []).append(phase)
    moves = [f"{', '.join(before)} → {', '.join(after)}" for after, before in froms.items()]
    if staying:
        moves.append("stays in any phase" if len(staying) == len(Phase) else f"stays in {', '.join(staying)}")
    return "; ".join(moves)


if __name__ == "__main__":
    sys.stdout.write(page())
