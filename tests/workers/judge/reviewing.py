"""A reviewer that says what it is told to, and a small change for it to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.domain.change import Usage
from workers.agent import Block, Reply
from workers.judge import Subject

DIFF = """\
diff --git a/src/till.py b/src/till.py
--- a/src/till.py
+++ b/src/till.py
@@ -3,3 +3,3 @@ def total(net, tax):
 def total(net, tax):
-    return net
+    return net + tax

@@ -20,2 +20,2 @@ def receipt(sale):
-WIDTH = 32
+WIDTH = 40
 # the end
"""
SUBJECT = Subject(
    request="The total has to include the tax.",
    diff=DIFF,
    paths=("src/till.py",),
    title="Include the tax",
    summary="The total includes the tax.",
)
COST = Usage(turns=1, input_tokens=100, output_tokens=10, micros=700)


def answer(*asked: str, missing: tuple[str, ...] = (), verdict: str = "fine", sentence: str = "It fits.") -> str:
    told = [{"n": n, "asked": one, "why": f"Part {n}."} for n, one in enumerate(asked, 1)]
    return json.dumps({"hunks": told, "missing": list(missing), "verdict": verdict, "sentence": sentence})


FINE = answer("asked", "needed")
VETO = answer("asked", "unasked", verdict="veto", sentence="The receipt got wider, too.")


@dataclass
class Reviewer:
    """Gives `answers` one after the other: a text, or a fault that is raised."""

    answers: list[str | Exception]
    name: str = "claude-opus-5-5"
    asked: list[list[Block]] = field(default_factory=list)

    def structured(
        self, system: str, messages: list[Block], schema: Mapping[str, object], cancelled: Callable[[], bool]
    ) -> Reply:
        self.asked.append(list(messages))
        said = self.answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return Reply(({"type": "text", "text": said},), "end_turn", COST, model=self.name)
