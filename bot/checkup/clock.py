"""The clock: Slack's signatures and GitHub's app tokens are refused where it is minutes off."""

from __future__ import annotations

import time

from bot.checkup import Diagnosis, fail, ok, warn
from bot.checkup.https import Response


def skew(service: str, answer: Response) -> list[Diagnosis]:
    """Say how far our clock is from the service's, by the Date of its answer; [] where it sent none."""
    theirs = answer.date
    if theirs is None:
        return []
    seconds = time.time() - theirs
    says = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {service}"
    fix = "Set the clock (timedatectl set-ntp true)."
    if abs(seconds) > 240:
        return [fail("clock", says, fix)]
    if abs(seconds) > 30:
        return [warn("clock", says, fix)]
    return [ok("clock", f"agrees with {service}")]
