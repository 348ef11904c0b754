"""One verb per file: a stage is given its context and returns what was found out.

Law: a stage never writes state. It answers with an event, or with None where nothing follows.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.events import StageResult
from workers.stages.context import StageContext

Stage = Callable[[StageContext], StageResult | None]
