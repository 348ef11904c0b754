"""The settings of the stand-in; it reads no environment of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SCRIPTED_HEADER = "x-shipmate-scripted"
MESSAGE_ID_PREFIX = "msg_scripted_"


@dataclass(frozen=True, slots=True)
class ClaudeStandInConfig:
    """Settings of one stand-in.

    `state_path` is an SQLite file (created, with its folder): calls received, cache entries, the signing key and
    faults still to come, so that a restart forgets nothing. `api_key` is the only key accepted. `extra_scripts_dir`
    holds `*.toml` scripts tried before the built-in ones, read again for every new call. `turn_delay_ms` makes each
    reply take that long, so that a person can watch. `clock` returns seconds since the epoch.
    """

    state_path: Path
    api_key: str = "scripted"
    extra_scripts_dir: Path | None = None
    turn_delay_ms: int = 0
    clock: Callable[[], float] = time.time
