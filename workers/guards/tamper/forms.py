"""How tests look in other languages than Python: where each begins, what asserts, what skips, what runs it alone.

Law: every form is one expression over one line, linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How tests look: `start` has a group `name`, `group` for blocks; `mark` is needed before it.

    `above` are lines outside of tests that skip all of them; `rows` are cases that stand on lines of their own.
    """

    start: re.Pattern[str]
    asserts: re.Pattern[str]
    skips: re.Pattern[str]
    focus: re.Pattern[str] | None = None
    mark: re.Pattern[str] | None = None
    above: re.Pattern[str] | None = None
    rows: re.Pattern[str] | None = None
    marked: re.Pattern[str] | None = None
    """Names of tests that need the mark; None for all."""


_ROWS = re.compile(
    r"^\s*(?:[\[{(]|vec!\[|new\b|Arguments\.of\(|arguments\(|tuple\(|#\[case|\[(?:InlineData|TestCase|DataRow)\(|@CsvSource|\")[^\n]{1,400}[\]})\"],?\s*$"
)
"""A case of a table on a line of its own."""
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
        r"^\s*x(?:it|test|describe|context|specify)\b|\.(?:skip|todo|failing|fails|fixme|skipIf)\s*[(.]|"
        r"\.runIf\(\s*(?:false|0|!1)\s*\)|\bthis\.skip\(|\bt\.skip\(|\bpending\(|"
        r"\b(?:skip|todo)[\"']?:\s*(?:true|[\"'`])|\bctx\.skip\("
    ),
    re.compile(
        r"^\s*f(?:it|describe)\s*\(|\b(?:it|test|describe|context|suite|specify)(?:\.\w+)*\.only\b|\bonly:\s*true"
    ),
    rows=_ROWS,
)
_GO = Language(
    re.compile(r"^func\s+(?:\([^)]*\)\s*)?(?P<name>(?:Test|Fuzz|Example)\w*)\s*\("),
    re.compile(r"\bt\.(?:Error|Fatal|Fail)\w*\(|\b(?:assert|require|qt|is)\.\w+\(|\bExpect\(|\.Should\(|\bassert\w*\("),
    re.compile(r"\b[tb]\.Skip(?:Now|f)?\(|^\s*runtime\.Goexit\(\)|\bP(?:It|Describe|Context)\("),
    re.compile(r"\bF(?:It|Describe|Context)\("),
    above=re.compile(r"^//go:build\b|^//\s*\+build\b"),
    rows=_ROWS,
)
_RUST = Language(
    re.compile(r"^\s*(?:pub\s+)?(?:async\s+)?fn\s+(?P<name>\w+)\s*[(<]"),
    re.compile(r"\b(?:debug_)?assert\w*!|\bpanic!|\.unwrap_err\(|\.expect_err\(|\bprop_assert\w*!|\bcheck\w*\("),
    re.compile(r"^\s*#\[ignore|#\[cfg_attr\(.*\bignore|^\s*#\[cfg\((?!test\))|#\[should_panic"),
    None,
    re.compile(r"#\[(?:\w+::)*(?:test|rstest|test_case|proptest|bench|quickcheck)\b"),
    above=re.compile(r"^\s*#!?\[cfg\((?!test\)\]).*\]\s*(?:pub\s+)?mod\s+\w*test"),
    rows=_ROWS,
)
_JVM = Language(
    re.compile(
        r"^\s*(?:(?:public|private|protected|internal|static|final|suspend|override|async|open)\s+)*(?:fun|void|Task|[A-Z]\w*(?:<[^>]*>)?)\s+(?P<name>\w+|`[^`]+`)\s*\("
    ),
    re.compile(
        r"\bassert\w*\s*[.({]|\bAssert\w*\.|\bverify\w*\s*\(|\bfail\s*\(|\.should\w*|\bexpect\w*\s*[({]|\bthat\(|\bShould\b|\bconfirm\w*\("
    ),
    re.compile(
        r"@(?:Ignore\w*|Disabled\w*|Enabled\w+|Tag\(\"(?:skip|disabled|slow)\"\))|\bSkip\s*=|\[Ignore|\[Explicit|"
        r"\bassum(?:e|ing)\w*\s*[({]|\bAssum\w+\.\w+\(|enabled\s*=\s*false|\bSkip\.(?:If|Unless)\w*\(|"
        r"\bAssert\.(?:Ignore|Skip\w*|Inconclusive|Pass)\(|expected\s*=\s*(?:\w+\.)*(?:AssertionError|Throwable|Error)\b"
    ),
    None,
    re.compile(
        r"@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest|Property|TestFactory|Theory)\b|\[(?:Fact|Theory|Test|TestCase|TestMethod|DataTestMethod)\b"
    ),
    re.compile(r"^\s*@(?:Ignore\w*|Disabled\w*|Enabled\w+|RequiresApi)|^\s*\[(?:Ignore|Explicit)|enabled\s*=\s*false"),
    _ROWS,
)
_KOTEST = Language(
    re.compile(
        r"^\s*(?:x?(?:test|should|it|describe|context|given|when|then|feature|scenario|expect)\s*\(\s*)?\"(?P<name>[^\"\n]{1,200})\"\)?"
        r"(?:\.config\([^\n]*\))?\s*(?:-\s*)?\{\s*$"
    ),
    _JVM.asserts,
    re.compile(
        r"^\s*x(?:test|should|it|describe|context|given|when|then|feature|scenario)\b|^\s*\"!|\(\s*\"!|enabled(?:If)?\s*="
    ),
    re.compile(r"\(?\"f:"),
)
_RUBY = Language(
    re.compile(
        rf"^\s*(?:(?P<group>[xf]?(?:describe|context|feature)\s*\(?\s*)|[xf]?(?:it|specify|example|scenario|test|should)\s*\(?\s*){_TITLE}|^\s*def\s+(?P<name2>test_\w+)"
    ),
    re.compile(r"\bexpect\b|\bassert\w*|\brefute\w*|\.should\b|\bmust_\w+|\bis_expected\b|\bflunk\b"),
    re.compile(
        r"^\s*(?:x(?:it|describe|context|specify|example|scenario)|skip|pending)\b|,\s*:?(?:skip|pending)\b|\bif:\s*false\b|\bunless:\s*true\b"
    ),
    re.compile(r"^\s*f(?:it|describe|context)\b|,\s*:?focus\b"),
    rows=_ROWS,
)
_PHP = Language(
    re.compile(
        rf"^\s*(?:(?:final|public|protected|static|abstract)\s+)*function\s+(?P<name2>\w+)|^\s*(?:it|test)\s*\(\s*{_TITLE}"
    ),
    re.compile(r"\bassert\w*\s*\(|\bexpect\w*\s*\(|->should\w*|->to[A-Z]\w*\(|\bverify\("),
    re.compile(
        r"\bmarkTest(?:Skipped|Incomplete)|->(?:skip|todo)\(|@group\s+(?:skip|disabled|ignore)|@requires\b|#\[(?:Requires|Group\('skip)"
    ),
    re.compile(r"->only\("),
    re.compile(r"#\[(?:\\?\w+\\)*Test\b|@test\b"),
    rows=_ROWS,
    marked=re.compile(r"^(?!test)[a-zA-Z_]\w*$"),
)
_ELIXIR = Language(
    re.compile(rf"^\s*test\s+{_TITLE}"),
    re.compile(r"\bassert\w*|\brefute\w*"),
    re.compile(r"@(?:tag|moduletag|describetag)\s+:?\s*:?skip|@tag\s+skip:"),
    None,
    above=re.compile(r"^\s*@(?:moduletag|describetag)\s.*\bskip\b"),
    rows=_ROWS,
)
_DART = Language(
    re.compile(rf"^\s*(?:(?P<group>group)|test|testWidgets|blocTest(?:<[^>]*>)?)\s*\(\s*{_TITLE}"),
    re.compile(r"\bexpect\w*\(|\bverify\w*\(|\bfail\("),
    re.compile(r"\bskip:\s*(?!false)|@Skip\(|\bmarkTestSkipped\("),
    re.compile(r"\bsolo:\s*true|\bsolo_\w+\("),
    above=re.compile(r"^@(?:Skip|TestOn|OnPlatform)\("),
    rows=_ROWS,
)
_SWIFT = Language(
    re.compile(
        r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|private|internal|final|override)\s+)*func\s+(?P<name>test\w+)|"
        r"^\s*(?:@Test\b.{0,200}?)?\bfunc\s+(?P<name2>\w+)"
    ),
    re.compile(r"\bXCT(?:Assert|Fail|Unwrap)\w*|#expect|#require|\bexpect\("),
    re.compile(r"\bXCTSkip\w*|\bXCTExpectFailure|\bwithKnownIssue|\.disabled\(|\.enabled\(if"),
    None,
    re.compile(r"@Test\b"),
    marked=re.compile(r"\w"),
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
_SPEC = re.compile(r":\s*(?:String|Fun|Should|Behavior|Describe|Feature|Free|Word|Expect)Spec\b")
BUILT_UNDER = re.compile(r"\.(c|cc|cpp|cxx|h|hpp|m|mm|cs|fs|vb|swift)$")
"""Languages whose compilers leave lines out between `#if` and `#endif`."""
CALLED = re.compile(r"\.(c|cc|cpp|cxx)$")
"""Languages whose tests run only where somebody calls them by name."""
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


def language(path: str, text: str = "") -> Language | None:
    """The way tests look in a file, by its name; specs of Kotest are told by their first lines."""
    found = next((each for pattern, each in _BY_SUFFIX if pattern.search(path)), None)
    return _KOTEST if found is _JVM and path.endswith(".kt") and _SPEC.search(text[:20_000]) else found
