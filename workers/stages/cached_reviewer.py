"""Cache a reviewer's replies in the store, under the claim of the stage that asks.

Law: a stored reply is never asked for again, so that a crash between reply and result costs nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from bot.domain.change import Usage
from bot.domain.frozen import revised
from bot.store import ClaimRefused
from workers import ClaimLost
from workers.agent import Block, Reply
from workers.judge import Reviewer
from workers.stages.context import StageContext


class CachedReviewer:
    """Implements `Reviewer` in front of another one. Calls whose reply was lost are counted as wasted."""

    def __init__(self, inner: Reviewer, context: StageContext) -> None:
        self.name = inner.name
        self._inner = inner
        self._context = context

    def structured(
        self, system: str, messages: list[Block], schema: Mapping[str, object], cancelled: Callable[[], bool]
    ) -> Reply:
        """See the protocol."""
        claim, calls = self._context.claim, self._context.tools.store.calls
        asked = json.dumps([self.name, system, messages, schema], sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()
        if kept := calls.answer(claim.change_id, key):
            return _reply(kept)
        with self._claimed():
            begun = calls.begin(claim, key)
        reply = self._inner.structured(system, messages, schema, cancelled)
        reply = replace(reply, usage=revised(reply.usage, wasted=begun))
        with self._claimed():
            calls.save(claim, key, {**asdict(reply), "usage": reply.usage.model_dump(mode="json")})
        return reply

    @contextmanager
    def _claimed(self) -> Iterator[None]:
        try:
            yield
        except ClaimRefused as refused:
            self._context.lost.set()
            raise ClaimLost(self._context.change.id) from refused


def _reply(kept: dict[str, Any]) -> Reply:
    return Reply(**{**kept, "content": tuple(kept["content"]), "usage": Usage.model_validate(kept["usage"])})
