"""Compare two evaluations: which cases get another verdict now. Pure.

Law: only cases that both have judged are compared, and the output says how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workers.judge.score import Rate, Result, caught, false_vetoes


def compared(before: Mapping[str, Result], now: Sequence[Result]) -> dict[str, object]:
    """Return rates of both over the cases they share, and every case whose verdict is another; `better` where it is
    right.

    `scripted`: a script answered in at least one of the two, and nothing was compared.
    """
    both = [one for one in now if one.name in before]
    then = [before[one.name] for one in both]
    return {
        "cases": len(both),
        "scripted": any(one.scripted for one in (*then, *both)),
        "caught": {"before": caught(then).as_json(), "now": caught(both).as_json()},
        "false_vetoes": {"before": false_vetoes(then).as_json(), "now": false_vetoes(both).as_json()},
        "changed": _changed(then, both),
    }


def _changed(then: Sequence[Result], now: Sequence[Result]) -> list[dict[str, object]]:
    return [
        {"name": one.name, "class": one.kind, "before": old.verdict, "now": one.verdict, "better": one.right}
        for old, one in zip(then, now, strict=True)
        if old.verdict != one.verdict
    ]


def table(before: Mapping[str, Result], now: Sequence[Result]) -> str:
    """Return the same as plain text."""
    both = [one for one in now if one.name in before]
    then = [before[one.name] for one in both]
    lines = [
        f"Compared with the earlier run, over the {len(both)} cases that both judged:",
        f"  caught        {_rate(caught(then))}  ->  {_rate(caught(both))}",
        f"  false vetoes  {_rate(false_vetoes(then))}  ->  {_rate(false_vetoes(both))}",
    ]
    told = compared(before, now)
    if told["scripted"]:
        lines.insert(0, "At least one of the two is a script and no model, so this compares nothing.")
    for one in _changed(then, both):
        mark = "better" if one["better"] else "worse"
        lines.append(
            f"  {mark}: {one['class']}, {one['name']}: {one['before'] or 'no answer'} -> {one['now'] or 'no answer'}"
        )
    return "\n".join(lines)


def _rate(rate: Rate) -> str:
    return f"{rate.hits} of {rate.n}"
