"""Run one review: ask the model, ask once more if its answer contradicts itself, and report if there is no answer.

Law: a missing opinion never counts as a good one. Without a usable answer, and for each file that the model could not
read, a second person has to look.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.domain.change import Usage
from workers import GiveUp
from workers.agent import Block, Reply
from workers.agent.api_errors import Declined, Malformed, TooLong
from workers.judge import Judgement, Reviewer, Subject
from workers.judge.answer import SCHEMA, Unusable, line, opinion, read
from workers.judge.numbered import Numbered, numbered
from workers.judge.prompts import JUDGE, JUDGE_HASH, JUDGE_VERSION
from workers.judge.user_message import user_message

NO_ANSWER = "The review gave no usable answer."
TRIES = 2
MOST_UNREAD = 8
"""Files or parts that were not read and are named."""


def review(subject: Subject, reviewer: Reviewer, cancelled: Callable[[], bool]) -> Judgement:
    """Return the reviewer's opinion of `subject`. Raises `TryAgain`, and `ClaimLost` soon after `cancelled()`."""
    change = numbered(subject.diff, subject.paths, subject.elsewhere)
    said: list[Block] = [_user(user_message(subject, change), subject.pictures)]
    used: list[Usage] = []
    holds = [line(f"The review could not read {one}.", 300) for one in change.unread[:MOST_UNREAD]]
    if (more := len(change.unread) - MOST_UNREAD) > 0:
        holds.append(f"The review could not read {more} more files or parts.")
    flags = [line(f"Read by code alone: {'; '.join(change.elsewhere[:5])}.", 500)] if change.elsewhere else []
    found, why, tries = None, NO_ANSWER, TRIES
    while found is None and tries:
        tries -= 1
        try:
            reply = reviewer.structured(JUDGE, said, SCHEMA, cancelled)
        except Malformed as refused:
            if len(said[0]["content"]) == 1:
                return _without(refused, holds, flags, used, _record(said, reviewer.name, [*holds, *flags], change))
            # One picture that the service cannot read must not cost the whole review.
            said = [_user(user_message(replace(subject, pictures=()), change))]
            holds.append("The review could not read the pictures of the request.")
            tries = TRIES
        except GiveUp as refused:
            if isinstance(refused, Declined | TooLong):
                used.append(refused.usage)
            return _without(refused, holds, flags, used, _record(said, reviewer.name, [*holds, *flags], change))
        else:
            used.append(reply.usage)
            said += [{"role": "assistant", "content": list(reply.content)}] if reply.content else []
            try:
                answer = read(_spoken(reply), change)
            except Unusable as wrong:
                said += [_user(f"{wrong} Answer again, completely.")] if reply.content else []
            else:
                found = opinion(answer, change, model=reply.model, scripted=reply.scripted, usage=total(used))
    record = _record(said, reviewer.name, [*holds, *flags], change)
    return Judgement(found, tuple(flags), total(used), record, (*(() if found else (why,)), *holds))


def _without(refused: GiveUp, holds: list[str], flags: list[str], used: list[Usage], record: bytes) -> Judgement:
    """Return no opinion: a second person decides, whether the text was refused or the model not reached."""
    why = line(f"The change was not reviewed by a second model. {refused.reason}", 300)
    return Judgement(None, tuple(flags), total(used), record, (why, *holds))


def total(used: list[Usage]) -> Usage:
    """Return the sum of all calls."""
    fields = {name: sum(getattr(one, name) for one in used) for name in Usage.model_fields}
    return Usage.model_validate(fields)


def _user(text: str, pictures: Sequence[Block] = ()) -> Block:
    return {"role": "user", "content": [{"type": "text", "text": text}, *pictures]}


def _spoken(reply: Reply) -> str:
    return "".join(block["text"] for block in reply.content if block.get("type") == "text")


def _record(said: list[Block], model: str, flags: list[str], change: Numbered) -> bytes:
    kept: dict[str, object] = {
        "prompt": {"version": JUDGE_VERSION, "hash": JUDGE_HASH},
        "model": model,
        "messages": [{**one, "content": [_kept(block) for block in one["content"]]} for one in said],
        "hunks": change.labels,
        "flags": flags,
    }
    return json.dumps(kept, ensure_ascii=True, indent=1).encode()


def _kept(block: Block) -> Block:
    """Return a block as the record holds it: a picture by its digest, which is its name in the artifacts."""
    if block.get("type") != "image":
        return block
    data = base64.b64decode(block["source"]["data"])
    return {"type": "image", "media_type": block["source"]["media_type"], "sha256": hashlib.sha256(data).hexdigest()}
