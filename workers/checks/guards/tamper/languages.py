"""Tests in other languages than Python, read line by line: where each begins, what it asserts, what skips it.

Law: a commented line is no line. What cannot be told apart by one line is left to the judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workers.checks.guards.edits import split
from workers.checks.guards.tamper.suite import Assertion, Test


@dataclass(frozen=True)
class Language:
    """How tests look: `start` has a group `name`, `group` for blocks; `mark` is needed before it."""

    start: re.Pattern[str]
    asserts: re.Pattern[str]
    skips: re.Pattern[str]
    focus: re.Pattern[str] | None = None
    mark: re.Pattern[str] | None = None


_TITLE = r"(?P<q>['\"`])(?P<name>(?:(?!(?P=q)).){1,200})(?P=q)"
_JS = Language(
    re.compile(
        r"^\s*(?:await\s+|return\s+)?(?:(?P<group>[xf]?(?:describe|context|suite))|[xf]?(?:it|test|specify)|(?:Deno|QUnit|tap|t|ava)\.test)"
        rf"(?:\.\w+)*(?:\([^'\"`]{{0,80}}\))?\s*\(\s*{_TITLE}"
    ),
    re.compile(
        r"\bexpect\w*\s*[(.]|\bassert\w*\s*[.(]|\bt\.(?:is|deepEqual|true|false|throws|like|not|truthy|falsy|same|equal|ok)\w*\(|\.should\b|\bverify\("
    ),
    re.compile(
        r"^\s*x(?:it|test|describe|context|specify)\b|\.(?:skip|todo|failing|fails|skipIf)\s*[(.]|\.runIf\(\s*(?:false|0|!1)\s*\)|\bthis\.skip\(|\bt\.skip\(|\bpending\(\)|skip:\s*true"
    ),
    re.compile(
        r"^\s*f(?:it|describe)\s*\(|\b(?:it|test|describe|context|suite|specify)(?:\.\w+)*\.only\b|\bonly:\s*true"
    ),
)
_GO = Language(
    re.compile(r"^func\s+(?:\([^)]*\)\s*)?(?P<name>(?:Test|Fuzz|Example)\w*)\s*\("),
    re.compile(r"\bt\.(?:Error|Fatal|Fail)\w*\(|\b(?:assert|require|qt|is)\.\w+\(|\bExpect\(|\.Should\(|\bassert\w*\("),
    re.compile(r"\b[tb]\.Skip(?:Now|f)?\(|^//go:build\s+ignore|^//\s*\+build\s+ignore"),
    re.compile(r"\bF(?:It|Describe|Context)\("),
)
_RUST = Language(
    re.compile(r"^\s*(?:pub\s+)?(?:async\s+)?fn\s+(?P<name>\w+)\s*[(<]"),
    re.compile(r"\b(?:debug_)?assert\w*!|\bpanic!|\.unwrap_err\(|\.expect_err\(|\bprop_assert\w*!|\bcheck\w*\("),
    re.compile(r"^\s*#\[ignore|#\[cfg_attr\([^)]*ignore|^\s*#\[cfg\(any\(\)\)\]|#\[should_panic"),
    None,
    re.compile(r"#\[(?:\w+::)*(?:test|rstest|test_case|proptest|bench|quickcheck)\b"),
)
_JVM = Language(
    re.compile(
        r"^\s*(?:(?:public|private|protected|internal|static|final|suspend|override|async|open)\s+)*(?:fun|void|Task|[A-Z]\w*(?:<[^>]*>)?)\s+(?P<name>\w+|`[^`]+`)\s*\("
    ),
    re.compile(
        r"\bassert\w*\s*[.({]|\bAssert\w*\.|\bverify\w*\s*\(|\bfail\s*\(|\.should\w*|\bexpect\w*\s*[({]|\bthat\(|\bShould\b|\bconfirm\w*\("
    ),
    re.compile(
        r"@(?:Ignore|Disabled\w*|Tag\(\"(?:skip|disabled|slow)\"\))|\bSkip\s*=|\[Ignore|\[Explicit|\bassum(?:e|ing)\w*\(\s*false|enabled\s*=\s*false|Assert\.Ignore"
    ),
    None,
    re.compile(
        r"@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|Property|TestFactory|Theory)\b|\[(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod)\b"
    ),
)
_RUBY = Language(
    re.compile(
        rf"^\s*(?:(?P<group>[xf]?(?:describe|context|feature)\s*\(?\s*)|[xf]?(?:it|specify|example|scenario|test|should)\s*\(?\s*){_TITLE}|^\s*def\s+(?P<name2>test_\w+)"
    ),
    re.compile(r"\bexpect\b|\bassert\w*|\brefute\w*|\.should\b|\bmust_\w+|\bis_expected\b|\bflunk\b"),
    re.compile(r"^\s*(?:x(?:it|describe|context|specify|example|scenario)|skip|pending)\b|,\s*:?(?:skip|pending)\b"),
    re.compile(r"^\s*f(?:it|describe|context)\b|,\s*:?focus\b"),
)
_PHP = Language(
    re.compile(
        rf"^\s*(?:(?:final|public|protected|static|abstract)\s+)*function\s+(?P<name2>test\w+)|^\s*(?:it|test)\s*\(\s*{_TITLE}"
    ),
    re.compile(r"\bassert\w*\s*\(|\bexpect\w*\s*\(|->should\w*|->to[A-Z]\w*\(|\bverify\("),
    re.compile(
        r"\bmarkTest(?:Skipped|Incomplete)|->(?:skip|todo)\(|@group\s+(?:skip|disabled|ignore)|#\[(?:Requires|Group\('skip)"
    ),
    re.compile(r"->only\("),
)
_ELIXIR = Language(
    re.compile(rf"^\s*test\s+{_TITLE}"),
    re.compile(r"\bassert\w*|\brefute\w*"),
    re.compile(r"@(?:tag|moduletag|describetag)\s+:?\s*:?skip|@tag\s+skip:"),
    None,
)
_DART = Language(
    re.compile(rf"^\s*(?:(?P<group>group)|test|testWidgets|blocTest(?:<[^>]*>)?)\s*\(\s*{_TITLE}"),
    re.compile(r"\bexpect\w*\(|\bverify\w*\(|\bfail\("),
    re.compile(r"\bskip:\s*(?!false)|@Skip\("),
    re.compile(r"\bsolo:\s*true|\bsolo_\w+\("),
)
_SWIFT = Language(
    re.compile(
        r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|private|internal|final|override)\s+)*func\s+(?P<name>test\w+|\w+(?=\(\).*\{\s*//\s*@Test))"
    ),
    re.compile(r"\bXCT(?:Assert|Fail|Unwrap)\w*|#expect|#require|\bexpect\("),
    re.compile(r"\bXCTSkip\w*|\.disabled\("),
    None,
)
_C = Language(
    re.compile(
        r"^\s*(?:(?:TYPED_)?TEST(?:_F|_P|_CASE|_METHOD)?|START_TEST|SCENARIO|BOOST_AUTO_TEST_CASE|TEST_IMPL|TEST_CASE_METHOD|Test|suite|UTEST)\s*\(\s*(?P<name>[^)]{1,200}?)\s*\)|"
        r"^\s*(?:static\s+)?(?:void|int|bool)\s+(?P<name2>test_?\w+|\w+_test)\s*\("
    ),
    re.compile(
        r"\b(?:ASSERT|EXPECT|CHECK|REQUIRE|TEST_ASSERT|BOOST_\w+|VERIFY|TEST_CHECK|CU_ASSERT)\w*\s*\(|\bassert\w*\s*\(|\bck_assert\w*|\bcr_assert\w*|\btest_cond\(|\bcheck\s*\("
    ),
    re.compile(
        r"\bGTEST_SKIP|\bDISABLED_|\bTEST_IGNORE|\bRETURN_SKIP|\[!mayfail\]|\[!shouldfail\]|\"\[\.[^\"]*\]\"|\bdisabled\s*\(\)|\bSKIP\("
    ),
    None,
)
_BY_SUFFIX = (
    (re.compile(r"\.([cm]?[jt]sx?|vue|svelte|coffee)$"), _JS),
    (re.compile(r"\.go$"), _GO),
    (re.compile(r"\.rs$"), _RUST),
    (re.compile(r"\.(java|kts?|groovy|scala|cs|fs|vb)$"), _JVM),
    (re.compile(r"\.rb$"), _RUBY),
    (re.compile(r"\.php$"), _PHP),
    (re.compile(r"\.exs?$"), _ELIXIR),
    (re.compile(r"\.dart$"), _DART),
    (re.compile(r"\.swift$"), _SWIFT),
    (re.compile(r"\.(c|cc|cpp|cxx|h|hpp|m|mm)$"), _C),
)
_COMMENT = re.compile(
    r"^\s*(//(?!go:build|\s*\+build)|\*(?!\w)|#(?![\[!]|if|el|end|include|define|pragma|expect|require)|--(?!\w))"
)
_OPENING = re.compile(r"^\s*(/\*|#if 0|=begin)")
_CLOSING = re.compile(r"\*/|^\s*#(endif|else)|^=end")
_VACUOUS = re.compile(
    r"expect\(\s*(true|1|!0)\s*\)\.(toBe|toEqual|toBeTruthy|to\.be|toStrictEqual|to_be|toBeTrue)\w*(\.true)?\(?\s*(true|1|!0)?\s*\)?;?$|"
    r"\bassert(True|_true|\.ok|\.isTrue|\.True|_that|!|That)?\s*\(?\s*(t,\s*)?(true|1|1\s*==\s*1)\s*\)?;?$|"
    r"\bassert_?(\.)?(equals?|eq|deepEqual|strictEqual|Equals?|eq!|_eq!)\s*\(\s*(?P<one>\d+|true|false|\"[^\"]*\"|'[^']*')\s*,\s*(?P=one)\s*\)|"
    r"\b(ASSERT|EXPECT|CHECK|REQUIRE)(_TRUE)?\(\s*(true|1)\s*\)|expect\((?P<two>[^()]{1,60})\)\.(toBe|toEqual|to\.eq)\((?P=two)\)|\|\|\s*true\s*\)|"
    r"t\.(pass|true\(true)\(?"
)
_STRONG = re.compile(
    r"toBe\(|toEqual|toStrictEqual|deepEqual|deepStrictEqual|strictEqual|\bequals?\(|toHaveBeenCalledWith|assertEquals?\b|assertSame|"
    r"assert_?eq|assert_equal|isEqualTo|_EQ\(|\beql?\(|\bEqual\(|to eq\b|==|toMatch(Inline)?Snapshot|toThrow\(['\"`/\w]"
)
_WEAK = re.compile(
    r"toBeDefined|toBeTruthy|toBeFalsy|not\.toBeNull|not\.toBeUndefined|\.ok\(|assertTrue|assertNotNull|NotNil|isNotNull|"
    r"toThrow\(\)|not\.toThrow|toHaveBeenCalled\(\)|be_truthy|not_to be_nil|assert_not_nil|expect\.anything|"
    r"is_some\(\)|is_ok\(\)|_TRUE\(|_NE\("
)
_SUBJECT = re.compile(
    r"(?:expect|assert\w*|EXPECT_\w+|ASSERT_\w+)!?[\w.]*\s*\(\s*(?:t,\s*)?([^,;]{1,120}?)\s*(?:[,;]|\)\s*[.;)]|\)$)"
)
_LONGEST = 500
_LONGEST_STATEMENT = 8


def language(path: str) -> Language | None:
    """The way tests look in a file, by its name."""
    return next((each for pattern, each in _BY_SUFFIX if pattern.search(path)), None)


def tests(path: str, text: str) -> list[Test]:
    """Every test that begins on a line of its own; empty for languages we do not read."""
    how = language(path)
    return _read(path, how, _uncommented(split(text))) if how else []


def asserts(path: str, text: str) -> bool:
    """Whether any line asserts something; True for languages we do not read."""
    if path.endswith(".py"):
        return "assert" in text
    how = language(path)
    return how is None or any(how.asserts.search(line) for line in _uncommented(split(text)))


def _uncommented(lines: list[str]) -> list[str]:
    kept, inside = [], False
    for line in lines:
        cut = line[:_LONGEST]
        if not inside and _OPENING.search(cut):
            inside = True
        if inside:
            inside = _CLOSING.search(cut) is None
        elif not _COMMENT.search(cut):
            kept.append(cut)
    return kept


def _read(path: str, how: Language, lines: list[str]) -> list[Test]:
    starts = [(at, found) for at, line in enumerate(lines) if (found := how.start.search(_whole(lines, at)))]
    heads = [_head(lines, at) for at, _ in starts]
    every = []
    for index, (at, start) in enumerate(starts):
        if how.mark and not any(how.mark.search(line) for line in lines[heads[index] : at + 1]):
            continue
        end = heads[index + 1] if index + 1 < len(starts) else len(lines)
        every.append(_test(path, how, start, lines[heads[index] : end]))
    return every


def _whole(lines: list[str], at: int) -> str:
    """A line, with the next where it ends by opening a bracket: titles are often written below."""
    opened = lines[at].rstrip().endswith("(") and at + 1 < len(lines)
    return lines[at].rstrip() + lines[at + 1].strip() if opened else lines[at]


def _head(lines: list[str], at: int) -> int:
    """Where the attributes and annotations right before a start begin."""
    head = at
    while head and at - head < 12 and re.match(r"\s*(@\w|#\[|\[\w)", lines[head - 1]):
        head -= 1
    return head


def _test(path: str, how: Language, start: re.Match[str], lines: list[str]) -> Test:
    groups = start.groupdict()
    name = groups.get("name") or groups.get("name2") or ""
    group = bool(groups.get("group"))
    own = [start.string] if group else lines
    skips = sum(how.skips.search(line) is not None for line in own)
    focused = how.focus is not None and any(how.focus.search(line) for line in own)
    asserting = () if group else (_statement(lines, at) for at, line in enumerate(lines) if _asserts(how, line))
    bare = tuple(line.strip() for line in lines[1:] if len(line.strip()) > 2)
    return Test(
        path,
        name.replace("DISABLED_", "").strip("`"),
        bare,
        tuple(map(_assertion, asserting)),
        skips,
        focused,
        group=group,
    )


def _asserts(how: Language, line: str) -> bool:
    return how.asserts.search(line) is not None and how.start.search(line) is None


def _statement(lines: list[str], at: int) -> str:
    """A line with those below it until its brackets are closed; brackets in strings may cut it short."""
    whole, depth = "", 0
    for line in lines[at : at + _LONGEST_STATEMENT]:
        whole += f" {line.strip()}"
        depth += sum(line.count(one) for one in "([{") - sum(line.count(one) for one in ")]}")
        if depth <= 0:
            break
    return whole.strip()


def _assertion(statement: str) -> Assertion:
    subject = _SUBJECT.search(statement)
    weak, strong = _WEAK.search(statement), _STRONG.search(statement)
    strength = 0 if _VACUOUS.search(statement) else 1 if weak else 3 if strong else 2
    words = _bare(statement)
    return Assertion(words, _bare(subject[1]) if subject else words, strength)


def _bare(text: str) -> str:
    """Without what formatters change: blanks, kinds of quotes, trailing commas and semicolons."""
    return re.sub(r",([)\]}])", r"\1", re.sub(r"\s+", "", text).replace("'", '"').replace("`", '"')).rstrip(";,{")
