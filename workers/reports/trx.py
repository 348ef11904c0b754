"""TRX reports, as `dotnet test --logger trx` writes them.

Law: as for JUnit, document types and entities are refused, size is capped, and cases are counted, not totals believed.
"""

from __future__ import annotations

from collections.abc import Iterable

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from workers.reports import BadReport, Reading, State
from workers.reports.tally import Tally

LARGEST = 10 << 20
_STATES: dict[str, State] = {
    "Passed": "passed",
    "PassedButRunAborted": "failed",
    "NotExecuted": "skipped",
    "Inconclusive": "skipped",
    "NotRunnable": "skipped",
    "Disconnected": "failed",
    "Completed": "passed",
    "Warning": "passed",
}
"""Whatever else an outcome may be counts as failed."""


def read(reports: Iterable[bytes]) -> Reading:
    """Return the results of all reports together. Raises `BadReport`."""
    tally = Tally()
    for report in reports:
        if len(report) > LARGEST:
            raise BadReport("A test report is larger than 10 MB.")
        try:
            root = SafeTree.fromstring(report, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        except DefusedXmlException:
            raise BadReport("A test report defines XML entities, which is refused.") from None
        except (SafeTree.ParseError, LookupError, ValueError, RecursionError):
            raise BadReport("A test report is not TRX.") from None
        if not root.tag.endswith("TestRun"):
            raise BadReport("A test report is not TRX.")
        for element in root.iter():
            if str(element.tag).rpartition("}")[2] == "UnitTestResult":
                state = _STATES.get(element.get("outcome", ""), "failed")
                texts = [
                    part.text or "" for part in element.iter() if str(part.tag).endswith(("}Message", "}StackTrace"))
                ]
                tally.add(element.get("testName", ""), state, "\n".join(texts))
    return tally.reading("TRX report")
