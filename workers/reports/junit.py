"""JUnit XML reports.

Law: a report is hostile input. Document types and entities are refused before the library sees a byte, and size is
capped; what passed and failed is counted from the cases, not from the totals a report claims. A case passed only where
every word that a dialect has for its outcome says so; what it does not list, but counts as switched off, did not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException
from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase

from workers.reports import BadReport, Reading, State, cut
from workers.reports.tally import Tally

__all__ = ["LARGEST", "BadReport", "read"]

LARGEST = 10 << 20
_MOST_PRINTED = 4000
_PASSED = {"run", "ran", "pass", "passed", "ok", "success", "successful", "succeeded", "complete", "completed", "fixed"}
_FAILED = {"fail", "failed", "failure", "error", "errored", "broken", "crashed", "aborted", "timeout", "timedout"}
_MOST_OFF = 50_000
"""Cases that a suite may count as switched off without listing them."""


def read(reports: Iterable[bytes], harmless: frozenset[str] = frozenset()) -> Reading:
    """Return the cases of all reports together; results of a `harmless` type fail no test. Raises `BadReport`."""
    tally = Tally()
    for report in reports:
        root = _root(report)
        for element in root.iter("testcase"):
            case: TestCase = TestCase.fromelem(element)  # type: ignore[no-untyped-call] # the library types only a part
            results = [result for result in case.result if result.type not in harmless]
            state = _state(element, results)
            said = (_message(results) or _printed(case)) if state == "failed" else ""
            tally.add(_name(case), state, said)
        tally.counted["skipped"] += min(_unlisted(root), _MOST_OFF)
    return tally.reading("JUnit report")


def _root(report: bytes) -> Element:
    if len(report) > LARGEST:
        raise BadReport("A test report is larger than 10 MB.")
    try:
        root: Element = SafeTree.fromstring(report, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        JUnitXml.fromroot(root)  # type: ignore[arg-type] # lxml's element or ours: it takes both
    except DefusedXmlException:
        raise BadReport("A test report defines XML entities, which is refused.") from None
    except (SafeTree.ParseError, JUnitXmlError, LookupError, ValueError, RecursionError):
        raise BadReport("A test report is not JUnit XML.") from None
    return root


def _state(element: Element, results: Sequence[object]) -> State:
    """Return the worst of what a case's elements and its attributes say; an unknown word says that it did not run.

    A case that was meant to run and could not (CTest's `notrun` with a reason that is none of the test's own) failed.
    """
    if any(isinstance(result, (Failure, Error)) for result in results):
        return "failed"
    words = {_word(element.get(name)) for name in ("status", "result")} - {""}
    skips = [result for result in results if isinstance(result, Skipped)]
    if words & _FAILED or ("notrun" in words and any(_could_not(one.message or "") for one in skips)):
        return "failed"
    return "skipped" if skips or words - _PASSED else "passed"


def _word(attribute: str | None) -> str:
    return "".join(char for char in (attribute or "").lower() if char.isalnum())


def _could_not(reason: str) -> bool:
    """Return whether a reason for not having run is none that a test gives by itself."""
    return bool(reason) and not reason.startswith("SKIP_")


def _unlisted(root: Element) -> int:
    """Return how many cases the suites count as switched off or skipped and do not list."""
    missing = 0
    for suite in root.iter("testsuite"):
        if suite.find("testsuite") is None:  # the totals of a suite of suites hold those of its parts
            off = sum(_number(suite.get(name)) for name in ("disabled", "skipped", "ignored"))
            missing += max(0, min(off, _number(suite.get("tests")) - len(suite.findall("testcase"))))
    return missing


def _number(attribute: str | None) -> int:
    return int(attribute) if attribute and attribute.isascii() and attribute.isdigit() and len(attribute) < 7 else 0


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
