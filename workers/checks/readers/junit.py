"""JUnit XML reports.

Law: a report is hostile input. Document types and entities are refused before the library sees a byte, and size is
capped; counts come from the cases, not from the totals a report claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException
from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase

from bot.domain.verdict import Counts
from workers.checks.readers import Failing, Reading, cut

LARGEST = 10 << 20
_MOST_FAILING = 200


class BadReport(Exception):
    """The report cannot be used; the message is a short sentence."""


def read(reports: Iterable[bytes]) -> Reading:
    """The cases of all reports together. Raises `BadReport`."""
    passed = failed = skipped = 0
    failing: list[Failing] = []
    for report in reports:
        for name, case in _cases(report):
            results = list(case.result)
            if any(isinstance(result, (Failure, Error)) for result in results):
                failed += 1
                if len(failing) < _MOST_FAILING:
                    failing.append(Failing(name, _message(results)))
            elif any(isinstance(result, Skipped) for result in results):
                skipped += 1
            else:
                passed += 1
    return Reading("JUnit report", Counts(passed=passed, failed=failed, skipped=skipped), tuple(failing))


def _cases(report: bytes) -> Iterator[tuple[str, TestCase]]:
    """Every case at any depth: some tools put them into suites of suites, some directly below the root."""
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
    return cut(f"{owner}.{name}" if owner and owner != "test" else name)


def _message(results: Sequence[object]) -> str:
    for result in results:
        if isinstance(result, (Failure, Error)):
            text = "\n".join(part for part in (result.message, result.text) if part)
            return "\n".join(cut(line) for line in text.strip().splitlines()[:12])
    return ""
