"""Ruby's tests: RSpec's summary and report, what Minitest and test-unit print of each test (-v); RuboCop's report.

Law: names are believed where they add up to the summary, and to nothing else; without them the summary alone counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.domain.verdict import Counts
from workers.reports import Failing, Finder, Reading, State, split_lines
from workers.reports.documents import below, objects, string
from workers.reports.findings import Shape, from_json
from workers.reports.summary import Form, reader
from workers.reports.tally import Tally, shortened

_ENDS = re.compile(r"(?:^| )\d+\.\d+ s = ([.FES])$")
_CLASS = re.compile(r"^( *)(\S.*?): ?$")
_METHOD = re.compile(r"^ +(\S.*?):\t+([.FEPON])(?:: \(\d+\.\d+\))?$")
_ABOVE = re.compile(r"^ *(?:\d+\) )?(?:Failure|Error):$")
_WHOLE_TITLE = re.compile(r"^(?:Failure|Error): (.+?\([\w:]+\))(?:: .*)?$")
"""The title of a failure with test-unit; with Minitest it stands below `_ABOVE`."""
_STATES: Mapping[str, State] = {
    ".": "passed", "F": "failed", "E": "failed", "S": "skipped", "P": "skipped", "O": "skipped", "N": "passed",
}  # fmt: skip
_MOST_MESSAGES = 200


_SUMMARY = reader(
    Form(
        "Minitest's summary",
        " assertions, ",
        r"^(?P<total>\d+) (?:runs|tests), \d+ assertions, (?P<failed>\d+) failures, (?P<errors>\d+) errors"
        r"(?:, (?P<more>\d+) pendings, (?P<skipped>\d+) omissions.*|, (?P<skips>\d+) skips)?$",
    )
)


def minitest(output: str) -> Reading | None:
    """Read what the tests said, each by name where they name themselves."""
    summed = _SUMMARY(output)
    if summed is None:
        return None
    lines = split_lines(output)
    counts = summed.counts
    messages = dict(list(_messages(lines).items())[: counts.failed])
    told = (_minitest(lines), _test_unit(lines))
    cases = next((tally.cases for tally in told if _agrees(tally, counts, messages)), {})
    return Reading(summed.source, counts, tuple(Failing(*one) for one in messages.items()), cases)


def _agrees(tally: Tally, counts: Counts, messages: Mapping[str, str]) -> bool:
    failed = {name for name, state in tally.cases.items() if state == "failed"}
    return Counts(**tally.counted) == counts and set(messages) <= failed


def _minitest(lines: Iterable[str]) -> Tally:
    """Return names and outcomes; what a test prints stands between the two."""
    tally = Tally()
    name = ""
    for line in lines:
        short = line[:1000]
        begins = short.find(" = ")
        if "#" in short[1 : max(begins, 0)] and not short[0].isspace():
            name = short[:begins]
        if name and (found := _ENDS.search(short)):
            tally.add(name, _STATES[found[1]])
            name = ""
    return tally


def _test_unit(lines: Iterable[str]) -> Tally:
    tally = Tally()
    owner = ""
    for line in lines:
        short = line[:1000]
        if found := _METHOD.match(short):
            tally.add(f"{found[1]}({owner})", _STATES[found[2]])
        elif found := _CLASS.match(short):
            owner = found[2]
    return tally


def _messages(lines: list[str]) -> dict[str, str]:
    """Return {name: what is said} of each failure: the lines below its title, up to an empty one or a rule."""
    found: dict[str, str] = {}
    for at, line in enumerate(lines):
        if len(found) >= _MOST_MESSAGES:
            break
        whole = _WHOLE_TITLE.match(line[:1000])
        below = at > 0 and _ABOVE.match(lines[at - 1][:100])
        if title := whole[1] if whole else _title(line[:1000]) if below else "":
            said = lines[at + 1 : at + 20]
            end = next((to for to, words in enumerate(said) if not words.strip() or words.startswith("====")), 20)
            found[title] = shortened("\n".join(said[:end]))
    return found


def _title(line: str) -> str:
    """Return the name in "ATest#test_a [test/a_test.rb:4]:" or "ATest#test_a:", "" where it is neither."""
    if not line.endswith(":") or "#" not in line or line[0].isspace():
        return ""
    name = line[:-1]
    return name[: name.rfind(" [")] if name.endswith("]") and " [" in name else name


def rspec(content: object, tally: Tally) -> str | None:
    """Read the report of RSpec, with the errors outside of its examples."""
    if not isinstance(content, dict) or not isinstance(content.get("examples"), list):
        return None
    states: dict[str, State] = {"passed": "passed", "pending": "skipped"}
    for example in objects(content["examples"]):
        message = string(below(example, "exception", "message"))
        name = f"{string(example.get('file_path')).removeprefix('./')} > {string(example.get('full_description'))}"
        tally.add(name, states.get(string(example.get("status")), "failed"), message)
    outside = below(content, "summary", "errors_outside_of_examples_count")
    said = content.get("messages")
    errors = [string(one).strip() for one in said if "error occurred" in string(one)] if isinstance(said, list) else []
    for number in range(min(outside, 100) if isinstance(outside, int) else 0):
        message = errors[number] if number < len(errors) else ""
        tally.add(f"error {number + 1} outside of the examples", "failed", message)
    return "RSpec's report"


OUTPUTS = {
    "minitest": minitest,
    "rspec": reader(
        Form(
            "RSpec's summary",
            " example",
            r"^(?P<total>\d+) examples?, (?P<failed>\d+) failures?(?:, (?P<skipped>\d+) pending)?"
            r"(?:, (?P<errors>\d+) errors? occurred outside of examples)?$",
            r"^rspec (\./\S+)",
        )
    ),
}
_RUBOCOP = Shape(
    ("files", "offenses"),
    path=("path",),
    line="location.start_line",
    rule=("cop_name",),
    message=("message",),
    counts=lambda one: one.get("corrected") is not True,
)
FINDINGS = {"rubocop": Finder(from_json(_RUBOCOP), "first")}
