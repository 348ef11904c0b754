"""Tests that are read in a process of their own: what makes a grammar slow or deep holds a change, and nothing else."""

from __future__ import annotations

from tests.workers.guards.looking import added, edited
from workers.syntax import apart

GO = "package a\n\nfunc TestSum(t *testing.T) {\n\trequire.Equal(t, 3, Sum(1, 2))\n}\n"


def test_a_file_that_takes_too_long_to_read_is_held_and_the_next_one_is_read() -> None:
    assert "unexamined" in added("src/test/java/ATest.java", "a<" * 50_000)
    assert "test-skipped" in edited("a_test.go", GO, GO.replace("\trequire", '\tt.Skip("x")\n\trequire'))


def test_a_file_that_is_nested_deeper_than_people_write_is_held() -> None:
    assert "unexamined" in added("a_test.go", GO + "func a() {" + "{" * 20_000 + "}" * 20_000 + "}\n")


def test_a_file_that_is_too_large_to_be_read_is_held() -> None:
    assert "unexamined" in added("a.test.js", "f(1);\n" * 100_000)


def test_a_process_that_went_is_replaced() -> None:
    assert apart.tests("a_test.go", GO) is not None
    for child in apart._children.values():
        child.kill()
        child.wait()
    assert apart.tests("a_test.go", GO) is not None


def test_bytes_that_are_no_text_are_read_around() -> None:
    read = apart.tests("a_test.go", GO + "// \udcff\n")
    assert read is not None
    assert [one.name for one in read[0]] == ["TestSum"]
