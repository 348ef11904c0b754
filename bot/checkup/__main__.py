"""`python -m bot.checkup [--json]`: the bot checks itself."""

from __future__ import annotations

import sys

from bot.checkup.every import checks
from bot.checkup.report import command
from bot.settings import BotSettings, load

if __name__ == "__main__":
    sys.exit(command("python -m bot.checkup", lambda: checks(load(BotSettings))))
