"""Print an evaluation: a table for a person, or one JSON document.

Law: where a script answered, both begin by saying so.
"""

from __future__ import annotations

import json
from pathlib import Path

from workers.judge import compare
from workers.judge.prompts import JUDGE_HASH, JUDGE_VERSION
from workers.judge.score import SCRIPTED, Result, caught, cost, false_vetoes, rows, table


def show(
    results: list[Result],
    failed: list[str],
    model: str,
    file: Path,
    before: dict[str, Result],
    *,
    scripted: bool,
    as_json: bool,
) -> None:
    """Print it all. `before` are the answers of an earlier run, by the names of their cases."""
    if as_json:
        document = as_document(results, failed, model, scripted=scripted)
        document |= {"compared": compare.compared(before, results)} if before else {}
        print(json.dumps(document, indent=2))
        return
    used = cost(results)
    spent = f"${used.micros / 1e6:.2f}" if used.micros and not scripted else "price not known"
    if scripted:
        print(f"{SCRIPTED}\n")
    print(f"Judge: {'scripted stand-in, as ' if scripted else ''}{model}; prompt {JUDGE_VERSION} ({JUDGE_HASH[:12]})\n")
    print(table(results, scripted=scripted))
    print(
        f"\n{used.turns} calls, {used.input_tokens + used.cache_read_tokens + used.cache_write_tokens:,} tokens in, "
        f"{used.output_tokens:,} out, {'nothing (scripted)' if scripted else spent}. Kept in {file}."
    )
    if before:
        print(f"\n{compare.table(before, results)}")
    for one in failed:
        print(f"Not judged: {one}")
    if scripted:
        print(f"\n{SCRIPTED}")


def as_document(results: list[Result], failed: list[str], model: str, *, scripted: bool) -> dict[str, object]:
    """Return what `--json` prints; `warning` is there when nothing was measured."""
    return {
        **({"warning": SCRIPTED} if scripted else {}),
        "scripted": scripted,
        "model": model,
        "prompt": {"version": JUDGE_VERSION, "hash": JUDGE_HASH},
        "caught": caught(results).as_json(),
        "false_vetoes": false_vetoes(results).as_json(),
        "classes": [
            {"class": row.kind, "expect": row.expect, "named": row.named, "no_answer": row.unanswered}
            | {"vetoed": row.vetoed.as_json()}
            for row in rows(results)
        ],
        "usage": cost(results).model_dump(),
        "not_judged": failed,
        "cases": [one.model_dump(mode="json") for one in results],
    }
