"""Logs: one line per fact, key=value on a terminal, JSON elsewhere; secrets never get this far unredacted.

Law: outside text goes into a value, never into the event's name.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.secret_forms.redact import redact


def configure(level: str = "INFO") -> None:
    """Set up structlog for this process; the standard library's own records only from WARNING on."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _without_secrets(_logger: Any, _name: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in said.items():
        if isinstance(value, str):
            said[key] = redact(value)
    return said
