"""What one assertion says, in languages that are read by lines: its words, its subject, how much it asks for.

Law: strengths are compared, never added: 3 asks for one value, 2 for less, 1 for hardly anything, 0 for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.guards.tamper.suite import Assertion

_VACUOUS = re.compile(
    r"expect\(\s*(true|1|!0)\s*\)\.(toBe|toEqual|toBeTruthy|to\.be|toStrictEqual|to_be|toBeTrue)\w*(\.true)?\(?\s*(true|1|!0)?\s*\)?;?$|"
    r"\bassert(True|_true|\.ok|\.isTrue|\.True|_that|!|That)?\s*\(?\s*(t,\s*)?(true|1|1\s*==\s*1)\s*\)?;?$|"
    r"\b(?:require|assert|is|qt)\.True\(t,\s*true\)|"
    r"\bassert_?(\.)?(equals?|eq|deepEqual|strictEqual|Equals?|eq!|_eq!)\s*\(\s*(?P<one>\d+|true|false|\"[^\"]*\"|'[^']*')\s*,\s*(?P=one)\s*\)|"
    r"\b(ASSERT|EXPECT|CHECK|REQUIRE)(_TRUE)?\(\s*(true|1)\s*\)|\|\|\s*true\s*\)|&&\s*false\b|"
    r"t\.(pass|true\(true)\(?|\bSUCCEED\(|(?<![#\w.])expect\([^(),=<>\[]{1,80}(?:\([^()]{0,80}\))?\)\s*;?$"
)
_GUARDED = re.compile(
    r"^(?:if|unless|while|else)\b.*\b(?:expect|assert|should|verify|check|CHECK|EXPECT|ASSERT)|"
    r"^(?:false|0|null|nil|undefined)\s*&&|&&\s*(?:expect|assert)\w*\s*[(.]|\bsetTimeout\(|\bsetImmediate\(|\srescue\s+(?:nil|true|false|\w+Error)\b|"
    r"\.catch\(\s*(?:\(\)|\w+|\(\w+\)|function\s*\(\w*\))\s*(?:=>)?\s*\{?\s*\}?\)|\brunCatching\s*\{|\bconsole\.assert\(|\btry\?\s"
)
_STRONG = re.compile(
    r"toBe\(|toEqual|toStrictEqual|deepEqual|deepStrictEqual|strictEqual|\bequals?\(|toHaveBeenCalledWith|assertEquals?\b|assertSame|"
    r"assert_?eq|assert_equal|isEqualTo|_EQ\(|\beql?\(|\bEqual\w*\(|to eq\b|==|toMatchInlineSnapshot|"
    r"toThrow\(['\"`/\w]|"
    r"\bDeepEqual\(|\bareEqual\(|AreEqual\(|\bt\.(?:is|deepEqual|same|equal)\("
)
_WEAK = re.compile(
    r"toBeDefined|toBeTruthy|toBeFalsy|not\.toBeNull|not\.toBeUndefined|\.ok\(|assertTrue|assertNotNull|NotNil|isNotNull|NotNull|"
    r"toThrow\(\)|not\.toThrow|toHaveBeenCalled\(\)|be_truthy|not_to\sbe_nil|assert_not_nil|refute_nil|expect\.any(?:thing)?\b|"
    r"is_some\(\)|is_ok\(\)|_TRUE\(|_NE\(|\.not\.(?:toBe|toEqual|toStrictEqual)\(|\bnot_to\s+(?:eq|raise)|doesNotThrow|"
    r"\bnot(?:Strict|Deep|DeepStrict)?Equal\(|objectContaining\(\s*\{\s*\}|assertNotEquals|assertNotSame|assert_ne!|assert_not_equal|"
    r"refute_equal|assert_nothing_raised|expectNotToPerform|addToAssertionCount|InRange\(|IsType\(|\bt\.(?:truthy|falsy|not|notThrows)\(|"
    r"\bbe_(?:a|an|kind_of|instance_of|present)\b|assert\s+is_\w+\(|,\s*(?:isNotNull|anything|isA<[^>]*>\(\)|isNotEmpty)\s*\)|"
    r"assertInstanceOf|isInstanceOf|assertIs(?:Int|Array|String|Float|Bool|Object)\(|XCTAssertNotNil|XCTAssertNoThrow"
)
_CALL = re.compile(
    r"(?:\b(?:expect|assert\w*|EXPECT_\w+|ASSERT_\w+|XCTAssert\w*|verify\w*|Assert\.\w+|require\.\w+|is\.\w+|t\.\w+)|#expect|#require)!?[\w.:]*\s*[({\s]"
)
_LITERAL = re.compile(
    r"^(?:[-+]?\d[\w.]*|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`|true|false|null|nil|None|undefined|t|this|:\w+)$"
)
_COMPARED = re.compile(r"\s*(?:[!=]==?|[<>]=?|&&|\|\||~=|=~)\s*")
_LONGEST = 300


def assertion(statement: str) -> Assertion:
    """The assertion that a statement makes. Linear in its length."""
    arguments = list(_arguments(statement))
    told = [one for one in arguments if not _LITERAL.match(one)]
    subject = _COMPARED.split(told[0], maxsplit=1)[0] if told else ""
    weak, strong = _WEAK.search(statement), _STRONG.search(statement)
    strength = 1 if weak else 3 if strong else 2
    if len(told) > 1 and bare(told[0]) == bare(told[1]):
        strength = min(strength, 1)
    if _GUARDED.search(statement):
        strength = min(strength, 1)
    if _VACUOUS.search(statement):
        strength = 0
    words = bare(statement)
    return Assertion(words, bare(subject) if subject else words, strength)


def condition(line: str) -> Assertion:
    """What an `if` of Go asks for, where its branch fails the test; messages are nothing."""
    cond = line.strip().removeprefix("}").strip().removeprefix("else").strip().removeprefix("if")
    cond = cond.rsplit(";", 1)[-1].strip().rstrip("{").strip()
    subject = _COMPARED.split(cond, maxsplit=1)[0].lstrip("!( ")
    exact = re.search(r"!=(?!\s*(?:nil|true|false)\b)|!\s*(?:\w+\.)?(?:DeepEqual|Equal|EqualFold)\(", cond)
    strength = 0 if re.search(r"&&\s*false\b|^false\b", cond) else 3 if exact else 2
    return Assertion(bare(cond), bare(subject) or bare(cond), strength)


def bare(text: str) -> str:
    """Without what formatters change: blanks, kinds of quotes, trailing commas and semicolons."""
    return re.sub(r",([)\]}])", r"\1", re.sub(r"\s+", "", text).replace("'", '"').replace("`", '"')).rstrip(";,{")


def _arguments(statement: str) -> Iterator[str]:
    """What stands between the commas of the first call that asserts, and of what is called on it."""
    call = _CALL.search(statement)
    if call is None:
        return
    rest, depth, part, quote = statement[call.end() : call.end() + _LONGEST], 0, "", ""
    for char in rest:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth < 0:
                break
        elif char == "," and depth == 0:
            yield part.strip()
            part = ""
            continue
        part += char
    if part.strip():
        yield part.strip()
    after = rest.partition(")")[2]
    matched = re.match(r"\.(?:toBe|toEqual|toStrictEqual|isEqualTo)\(([^()]{1,80})\)", after)
    if matched:
        yield matched[1].strip()
