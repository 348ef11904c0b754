"""`shipmate up`: everything, supervised, with one log."""

from __future__ import annotations

import os
from pathlib import Path

from shipmate.supervise.shipmate import running


def up(env_file: Path) -> None:
    """Run until a signal asks to stop. Raises what `running` raises."""
    with running(dict(os.environ), env_file, echo=True) as shipmate:
        if shipmate.supervisor.stopping.is_set():
            return
        settings, say = shipmate.settings, shipmate.supervisor.log.say
        for note in settings.notes:
            say("shipmate", note, always=True)
        for name, is_stand_in in (
            ("Slack", "slack" in settings.stand_ins),
            ("GitHub", "github" in settings.stand_ins),
            ("Claude", "claude" in settings.stand_ins),
        ):
            say(
                "shipmate",
                f"{name}: {'the stand-in of the playground' if is_stand_in else 'the real one'}",
                always=True,
            )
        say(
            "shipmate",
            f"ready at {shipmate.phone_url or settings.bot.web.public_url}; Ctrl-C ends everything",
            always=True,
        )
        shipmate.supervisor.run()
