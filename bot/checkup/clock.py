"""The clock: Slack's signatures and GitHub's app tokens are refused where it is minutes off."""

from __future__ import annotations

import time

from bot.checkup import Finding, fail, ok, warn
from bot.checkup.asking import Answer


def skew(service: str, answer: Answer) -> list[Finding]:
    """Say how far our clock is from the service's, by the Date of its answer; [] where it sent none."""
    theirs = answer.date
    if theirs is None:
        return []
    seconds = time.time() - theirs
    says = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {service}"
    mend = "Set the clock (timedatectl set-ntp true)."
    if abs(seconds) > 240:
        return [fail("clock", says, mend)]
    if abs(seconds) > 30:
        return [warn("clock", says, mend)]
    return [ok("clock", f"agrees with {service}")]
