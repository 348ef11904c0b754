"""One review: ask, ask once more where the answer does not hold together, and say so where there is none.

Law: no opinion is never taken for a good one: without a usable answer there is a flag that a person sees.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot.domain.change import Usage
from workers.agent import Block, Reply
from workers.agent.faults import Refused, TooLong
from workers.faults import GiveUp
from workers.judge import Judgement, Reviewer, Subject
from workers.judge.answer import SCHEMA, Unusable, line, opinion, read
from workers.judge.docket import docket
from workers.judge.numbered import Numbered, numbered
from workers.judge.prompts import JUDGE, JUDGE_HASH, JUDGE_VERSION

NO_ANSWER = "The review gave no usable answer."
TRIES = 2


def review(subject: Subject, reviewer: Reviewer, cancelled: Callable[[], bool]) -> Judgement:
    """What the reviewer makes of `subject`. Raises `TryAgain`, and `ClaimLost` soon after `cancelled()` turns true."""
    change = numbered(subject.diff, subject.paths)
    said: list[Block] = [_user(docket(subject, change))]
    used: list[Usage] = []
    flags = [line(f"Not read by the review: {'; '.join(change.unread[:5])}.", 500)] if change.unread else []
    found, why = None, ""
    for _ in range(TRIES):
        try:
            reply = reviewer.structured(JUDGE, said, SCHEMA, cancelled)
        except GiveUp as refused:
            if isinstance(refused, Refused | TooLong):
                used.append(refused.usage)
            why = f"The change was not reviewed by a second model. {refused.reason}"
            break
        used.append(reply.usage)
        try:
            answer = read(_spoken(reply), change)
        except Unusable as wrong:
            why = NO_ANSWER
            if reply.content:
                said.append({"role": "assistant", "content": list(reply.content)})
                said.append(_user(f"{wrong} Answer again, completely."))
            continue
        said.append({"role": "assistant", "content": list(reply.content)})
        scripted = reply.scripted
        found = opinion(answer, change, model=reply.model, scripted=scripted, usage=total(used))
        break
    if found is None:
        flags.insert(0, line(why, 300))
    return Judgement(found, tuple(flags), total(used), _record(said, reviewer.name, flags, change))


def total(used: list[Usage]) -> Usage:
    """The sum of all calls."""
    fields = {name: sum(getattr(one, name) for one in used) for name in Usage.model_fields}
    return Usage.model_validate(fields)


def _user(text: str) -> Block:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def _spoken(reply: Reply) -> str:
    return "".join(block["text"] for block in reply.content if block.get("type") == "text")


def _record(said: list[Block], model: str, flags: list[str], change: Numbered) -> bytes:
    kept: dict[str, Any] = {
        "prompt": {"version": JUDGE_VERSION, "hash": JUDGE_HASH},
        "model": model,
        "messages": said,
        "hunks": change.labels,
        "flags": flags,
    }
    return json.dumps(kept, ensure_ascii=True, indent=1).encode()
