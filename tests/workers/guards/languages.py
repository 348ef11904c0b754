"""Small files of tests in many languages, and what is done to them: (old text, new text, rule that is met)."""

from __future__ import annotations

LANGUAGES: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "web/cart.test.ts": (
        (
            "test('adds tax', () => {\n"
            "  expect(total()).toBe(242);\n"
            "  expect(lines()).toEqual(['tea']);\n"
            "});\n"
            "\n"
            "it('is empty', () => {\n"
            "  expect(total()).toBe(0);\n"
            "});\n"
        ),
        [
            ("test('adds", "test.skip('adds", "test-skipped"),
            ("it('is", "xit('is", "test-skipped"),
            ("test('adds", "test.only('adds", "test-focused"),
            ("it('is", "fit('is", "test-focused"),
            ("  expect(lines()).toEqual(['tea']);\n", "", "test-loosened"),
            (".toBe(242)", ".toBeTruthy()", "test-loosened"),
            ("expect(total()).toBe(242)", "expect(true).toBe(true)", "test-loosened"),
            ("  expect(total()).toBe(242)", "  // expect(total()).toBe(242)", "test-loosened"),
            (".toBe(242)", ".toBe(200)", "expectation-changed-alone"),
            (("it('is empty', () => {\n  expect(total()).toBe(0);\n});\n"), "", "test-deleted"),
        ],
    ),
    "cart_test.go": (
        (
            "package cart\n"
            "\n"
            "func TestTax(t *testing.T) {\n"
            "\tif Total() != 242 {\n"
            '\t\tt.Errorf("bad")\n'
            "\t}\n"
            "\tassert.Equal(t, 1, n)\n"
            "}\n"
            "\n"
            "func TestEmpty(t *testing.T) {\n"
            "\trequire.Equal(t, 0, Total())\n"
            "}\n"
        ),
        [
            ("\tif Total", ('\tt.Skip("later")\n\tif Total'), "test-skipped"),
            ("func TestEmpty", "func disabledTestEmpty", "test-deleted"),
            ("\tassert.Equal(t, 1, n)\n", "", "test-loosened"),
            ("package cart", ("//go:build ignore\n\npackage cart"), "deselected"),
        ],
    ),
    "src/cart.rs": (
        (
            "fn total() -> i32 { 2 }\n"
            "\n"
            "#[cfg(test)]\n"
            "mod tests {\n"
            "    #[test]\n"
            "    fn tax() {\n"
            "        assert_eq!(total(), 242);\n"
            "    }\n"
            "\n"
            "    #[test]\n"
            "    fn empty() {\n"
            "        assert_eq!(total(), 0);\n"
            "    }\n"
            "}\n"
        ),
        [
            (("    #[test]\n    fn tax"), ("    #[test]\n    #[ignore]\n    fn tax"), "test-skipped"),
            ("        assert_eq!(total(), 242);\n", "", "test-loosened"),
            (("    #[test]\n    fn empty() {\n        assert_eq!(total(), 0);\n    }\n"), "", "test-deleted"),
            (("    #[test]\n    fn tax"), ("    #[test]\n    #[should_panic]\n    fn tax"), "test-skipped"),
            (("    #[test]\n    fn empty"), "    fn empty", "test-deleted"),
        ],
    ),
    "src/test/java/CartTest.java": (
        (
            "class CartTest {\n"
            "  @Test\n"
            "  public void tax() {\n"
            "    assertEquals(242, total());\n"
            "  }\n"
            "\n"
            "  @Test\n"
            "  void empty() {\n"
            "    assertEquals(0, total());\n"
            "  }\n"
            "}\n"
        ),
        [
            (("  @Test\n  public"), ('  @Test\n  @Disabled("x")\n  public'), "test-skipped"),
            (("  @Test\n  public"), ("  @Ignore\n  @Test\n  public"), "test-skipped"),
            ("    assertEquals(242, total());\n", "", "test-loosened"),
            (("  @Test\n  void empty"), "  void empty", "test-deleted"),
            ("assertEquals(242, total())", "assertTrue(true)", "test-loosened"),
        ],
    ),
    "app/src/test/kotlin/CartTest.kt": (
        ("class CartTest {\n  @Test\n  fun `adds tax`() {\n    assertEquals(242, total())\n  }\n}\n"),
        [
            ("  @Test", ("  @Ignore\n  @Test"), "test-skipped"),
            ("assertEquals(242, total())", "assertNotNull(total())", "test-loosened"),
        ],
    ),
    "spec/cart_spec.rb": (
        (
            "describe Cart do\n"
            "  it 'adds tax' do\n"
            "    expect(total).to eq 242\n"
            "  end\n"
            "\n"
            "  it 'is empty' do\n"
            "    expect(none).to eq 0\n"
            "  end\n"
            "end\n"
        ),
        [
            ("  it 'adds", "  xit 'adds", "test-skipped"),
            ("    expect(total)", ("    skip 'later'\n    expect(total)"), "test-skipped"),
            ("  it 'adds", "  fit 'adds", "test-focused"),
            ("    expect(total).to eq 242\n", "", "test-loosened"),
        ],
    ),
    "tests/CartTest.php": (
        ("<?php\nclass CartTest {\n  public function testTax() {\n    $this->assertSame(242, total());\n  }\n}\n"),
        [
            ("    $this->assert", ("    $this->markTestSkipped('x');\n    $this->assert"), "test-skipped"),
            ("    $this->assertSame(242, total());\n", "", "test-loosened"),
        ],
    ),
    "tests/CartTests.cs": (
        ("class CartTests {\n  [Fact]\n  public void Tax() {\n    Assert.Equal(242, Total());\n  }\n}\n"),
        [
            ("[Fact]", '[Fact(Skip = "later")]', "test-skipped"),
            ("    Assert.Equal(242, Total());\n", "", "test-loosened"),
        ],
    ),
    "test/cart_test.exs": (
        ('defmodule CartTest do\n  test "tax" do\n    assert total() == 242\n  end\nend\n'),
        [
            ("    assert total() == 242\n", "", "test-loosened"),
        ],
    ),
    "test/cart_test.dart": (
        ("void main() {\n  test('tax', () {\n    expect(total(), 242);\n  });\n}\n"),
        [
            ("  });", "  }, skip: true);", "test-skipped"),
            ("    expect(total(), 242);\n", "", "test-loosened"),
        ],
    ),
    "Tests/CartTests.swift": (
        ("class CartTests: XCTestCase {\n  func testTax() {\n    XCTAssertEqual(total(), 242)\n  }\n}\n"),
        [
            ("    XCTAssert", ('    throw XCTSkip("x")\n    XCTAssert'), "test-skipped"),
            ("func testTax", "func disabled_testTax", "test-deleted"),
        ],
    ),
    "tests/cart_test.cpp": (
        ("TEST(Cart, Tax) {\n  EXPECT_EQ(total(), 242);\n}\n"),
        [
            ("Cart, Tax", "Cart, DISABLED_Tax", "test-skipped"),
            ("  EXPECT_EQ(total(), 242);\n", "", "test-loosened"),
            ("  EXPECT", ("  GTEST_SKIP();\n  EXPECT"), "test-skipped"),
        ],
    ),
}
