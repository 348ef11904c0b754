"""ExUnit's summary, and the files that `mix format` would change."""

from __future__ import annotations

import re

from workers.reports import Finder
from workers.reports.findings import unformatted
from workers.reports.summary import Form, Told, number, reader


def _counts(found: re.Match[str]) -> Told | None:
    if not (found["tests"] or found["doctests"] or found["properties"]):
        return None
    total = sum(number(found[name]) for name in ("tests", "doctests", "properties"))
    skipped = sum(int(many) for many in re.findall(r"(\d{1,8}) (?:excluded|skipped)", found["rest"]))
    failed = number(found["failed"]) + number(found["invalid"])
    return max(0, total - failed - skipped), failed, skipped


_TESTS = r"(?:(?P<doctests>\d+) doctests?, )?(?:(?P<properties>\d+) propert(?:y|ies), )?(?:(?P<tests>\d+) tests?, )?"
_REST = r"(?P<failed>\d+) failures?(?:, (?P<invalid>\d+) invalid)?(?P<rest>(?:, \d+ (?:excluded|skipped))*)"
OUTPUTS = {
    "mix": reader(
        Form(
            "ExUnit's summary",
            " failure",
            rf"^{_TESTS}{_REST}$",
            r"^  +\d+\) ((?:test|doctest|property) .+)$",
            _counts,
        )
    )
}
FINDINGS = {"mix-format": Finder(unformatted(r"^  \* (\S+\.(?:exs?|heex|leex))$"))}
