"""JUnit XML reports.

Law: a report is hostile input. Document types and entities are refused before the library sees a byte, and size is
capped; counts come from the cases, not from the totals a report claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException
from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase

from workers.reports import BadReport, Reading, cut
from workers.reports.tally import Tally

__all__ = ["LARGEST", "BadReport", "read"]

LARGEST = 10 << 20
_MOST_PRINTED = 4000


def read(reports: Iterable[bytes], harmless: frozenset[str] = frozenset()) -> Reading:
    """Return the cases of all reports together; results of a `harmless` type fail no test. Raises `BadReport`."""
    tally = Tally()
    for report in reports:
        for name, case in _cases(report):
            results = [result for result in case.result if result.type not in harmless]
            if any(isinstance(result, (Failure, Error)) for result in results):
                tally.add(name, "failed", _message(results) or _printed(case))
            elif any(isinstance(result, Skipped) for result in results):
                tally.add(name, "skipped")
            else:
                tally.add(name, "passed")
    return tally.reading("JUnit report")


def _cases(report: bytes) -> Iterator[tuple[str, TestCase]]:
    """Yield every case at any depth: some tools put them into suites of suites, some directly below the root."""
    if len(report) > LARGEST:
        raise BadReport("A test report is larger than 10 MB.")
    try:
        root = SafeTree.fromstring(report, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        JUnitXml.fromroot(root)
    except DefusedXmlException:
        raise BadReport("A test report defines XML entities, which is refused.") from None
    except (SafeTree.ParseError, JUnitXmlError, LookupError, ValueError, RecursionError):
        raise BadReport("A test report is not JUnit XML.") from None
    for element in root.iter("testcase"):
        case: TestCase = TestCase.fromelem(element)  # type: ignore[no-untyped-call] # the library types only a part
        yield _name(case), case


def _name(case: TestCase) -> str:
    owner = case.classname or ""
    name = case.name or "unnamed"
    return cut(f"{owner}.{name}" if owner and owner not in {"test", name} else name)


def _printed(case: TestCase) -> str:
    """Return the end of what a test printed, which is all that CTest and Meson have to say of a failure."""
    return "\n".join(text.strip()[-_MOST_PRINTED:] for text in (case.system_out, case.system_err) if text).strip()


def _message(results: Sequence[object]) -> str:
    for result in results:
        if isinstance(result, (Failure, Error)):
            return "\n".join(part for part in (result.message, result.text) if part)
    return ""
