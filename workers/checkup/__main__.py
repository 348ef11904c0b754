"""`python -m workers.checkup [--json]`: a worker checks itself."""

from __future__ import annotations

import sys

from bot.checkup.report import command
from bot.settings import WorkerSettings, load
from workers.checkup.every import checks

if __name__ == "__main__":
    sys.exit(command("python -m workers.checkup", lambda: checks(load(WorkerSettings))))
