"""Tests in Zig stand in the sources: what is done to them is held, and what is done beside them is not.

Everything that the guards know of Zig is in its folder, so this is also the proof that one folder is enough.
"""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import added, edited, rules

PATH = "src/cart.zig"
ZIG = """\
const std = @import("std");
const testing = std.testing;

pub fn total(lines: []const u32) u32 {
    if (lines.len == 0) return 0;
    return 242;
}

test "adds tax" {
    const got = total(&.{ 1, 2 });
    try testing.expect(got == 242);
    try testing.expectEqualStrings("tea", name(got));
}

test total {
    const cases = [_]struct { in: u32, out: u32 }{
        .{ .in = 1, .out = 1 },
        .{ .in = 2, .out = 4 },
    };
    for (cases) |c| {
        try testing.expectEqual(c.out, square(c.in));
    }
}

const Inner = struct {
    test "refuses what is no number" {
        try std.testing.expectError(error.NoNumber, parse("x"));
    }
};

test {
    _ = @import("tax.zig");
    testing.refAllDecls(@This());
}
"""
REFUSES = ZIG[ZIG.index('    test "refuses') : ZIG.index("};\n\ntest {")]
HELD = [
    ('test "adds tax" {\n', 'test "adds tax" {\n    return error.SkipZigTest;\n', "test-skipped"),
    ('test "adds tax" {\n', 'test "adds tax" {\n    if (on.windows) return error.SkipZigTest;\n', "test-skipped"),
    ("test total {\n", "test total {\n    if (true) {\n        return error.SkipZigTest;\n    }\n", "test-skipped"),
    ("total(&.{ 1, 2 });", "find() orelse return error.SkipZigTest;", "test-skipped"),
    ('test "adds tax" {', 'fn addsTax() !void {', "test-deleted"),
    ("test total {", "fn testTotal() !void {", "test-deleted"),
    ("test {\n", "fn never() void {\n", "test-deleted"),
    (REFUSES, "", "test-deleted"),
    (REFUSES, "".join(f"    //{line}\n" for line in REFUSES.splitlines()), "test-deleted"),
    ('        try std.testing.expectError(error.NoNumber, parse("x"));\n', "", "test-loosened"),
    ("    try testing.expect(got == 242);\n", "", "test-loosened"),
    (ZIG[ZIG.index("    const got") : ZIG.index("}\n\ntest total")], "", "test-loosened"),
    ("    try testing.expect(got == 242);\n", "    // try testing.expect(got == 242);\n", "test-loosened"),
    ("expect(got == 242)", "expect(got != 0)", "test-loosened"),
    ("expect(got == 242)", "expect(true)", "test-loosened"),
    ("expect(got == 242)", "expect(got == got)", "test-loosened"),
    ("try testing.expect(got == 242);", "testing.expect(got == 242) catch {};", "test-loosened"),
    ("try testing.expect(got == 242);", "testing.expect(got == 242) catch return;", "test-loosened"),
    ("try testing.expect(got == 242);", "if (got == 242) try testing.expect(got == 242);", "test-loosened"),
    ("try testing.expect(got == 242);", "if (on) {\n    try testing.expect(got == 242);\n    }", "test-loosened"),
    ("    try testing.expect(got", "    if (ci()) return;\n    try testing.expect(got", "test-loosened"),
    ('expectEqualStrings("tea", name(got))', "expect(name(got).len > 0)", "test-loosened"),
    ("        .{ .in = 2, .out = 4 },\n", "", "test-loosened"),
    ('    _ = @import("tax.zig");\n', "", "test-loosened"),
    ("    testing.refAllDecls(@This());\n", "", "test-loosened"),
]  # fmt: skip
INNOCENT = [
    ("return 242;", "return 121 * 2;"),
    ("    if (lines.len == 0) return 0;\n", ""),
    ('test "adds tax" {\n', 'test "adds tax" {\n    // return error.SkipZigTest;\n'),
    ('test "adds tax" {', 'test "adds all taxes" {'),
    ("    const got =", '    const why = "return error.SkipZigTest";\n    _ = why;\n    const got ='),
    ("try testing.expect(got == 242);", "try testing.expectEqual(242, got);"),
    ("try testing.expect(got == 242);", "try testing.expect(\n        got == 242,\n    );"),
    ("try testing.expect(got == 242);", "testing.expect(got == 242) catch |e| return e;"),
    ("        .{ .in = 2, .out = 4 },\n", "        .{ .in = 2, .out = 4 },\n        .{ .in = 3, .out = 9 },\n"),
    ("pub fn total", "fn skips() !void {\n    return error.SkipZigTest;\n}\n\npub fn total"),
    ("pub fn total", "fn check(a: bool) void {\n    std.debug.assert(a);\n}\n\npub fn total"),
    ("test total {", 'test "is empty" {\n    try testing.expectEqual(0, total(&.{}));\n}\n\ntest total {'),
]


@pytest.mark.parametrize(("old", "new", "rule"), HELD)
def test_a_test_of_zig_that_does_less_is_held(old: str, new: str, rule: str) -> None:
    assert old in ZIG
    assert rule in edited(PATH, ZIG, ZIG.replace(old, new, 1))


@pytest.mark.parametrize(("old", "new"), INNOCENT)
def test_an_ordinary_edit_of_zig_is_not_held(old: str, new: str) -> None:
    assert old in ZIG
    assert edited(PATH, ZIG, ZIG.replace(old, new, 1)) <= {"expectation-changed"}


def test_a_function_of_zig_that_is_no_test_may_go() -> None:
    assert edited(PATH, ZIG, ZIG.replace("pub fn total", "pub fn sum", 1)) == set()


def test_tests_of_zig_that_move_with_their_file_are_not_gone() -> None:
    assert rules({PATH: ZIG}, {"src/basket.zig": ZIG}) == set()


def test_a_source_of_zig_that_is_deleted_takes_its_tests_along() -> None:
    assert "test-deleted" in rules({PATH: ZIG}, {})


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("return error.SkipZigTest;", "test-new-skipped"),
        ("try expect(true);", "test-vacuous"),
        ("return;\n    try expect(total() == 3);", "test-vacuous"),
    ],
)
def test_a_new_test_of_zig_that_proves_nothing_is_said(body: str, rule: str) -> None:
    assert rule in added(PATH, f'test "adds" {{\n    {body}\n}}\n')
