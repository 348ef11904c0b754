"""PHPUnit's summary, and what PHP-CS-Fixer and Pint report."""

from __future__ import annotations

import re

from workers.reports import Finder
from workers.reports.findings import Shape, from_json
from workers.reports.summary import Form, Told, number, reader


def _counts(found: re.Match[str]) -> Told:
    if found["total"]:
        return number(found["total"]), 0, 0
    parts = {name: int(value) for name, value in re.findall(r"([A-Z][A-Za-z ]*): (\d{1,8})", found["parts"])}
    failed = parts.get("Failures", 0) + parts.get("Errors", 0)
    skipped = parts.get("Skipped", 0) + parts.get("Incomplete", 0)
    return max(0, parts.get("Tests", 0) - failed - skipped), failed, skipped


OUTPUTS = {
    "phpunit": reader(
        Form(
            "PHPUnit's summary",
            "ssertion",
            r"^(?:OK \((?P<total>\d+) tests?, \d+ assertions?\)|(?P<parts>Tests: \d+, Assertions: \d+.*?)\.?)$",
            r"^\d+\) ([\w\\]+::\S.*)$",
            _counts,
        )
    )
}
FINDINGS = {"php-cs-fixer": Finder(from_json(Shape(("files",), path=("name",), unnamed="format")))}
