"""Which paths are tests, in the recorded file lists of well-known repositories."""

from __future__ import annotations

import json

import pytest

from workers.checks.plan import selecting
from workers.checks.plan.__main__ import REPOSITORIES, paths

LISTS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in REPOSITORIES}


@pytest.mark.parametrize(
    ("name", "test", "other"),
    [
        ("pallets__flask", "tests/test_basic.py", "src/flask/app.py"),
        ("spf13__cobra", "args_test.go", "args.go"),
        ("google__gson", "gson/src/test/java/com/google/gson/CommentsTest.java", "gson/src/main/java/module-info.java"),
        ("serilog__serilog", "test/Serilog.Tests/LoggerConfigurationTests.cs", "src/Serilog/Log.cs"),
        ("vuejs__core", "packages/compiler-core/__tests__/codegen.spec.ts", "packages/compiler-core/src/ast.ts"),
    ],
)
def test_tests_are_told_from_other_files_by_their_names(name: str, test: str, other: str) -> None:
    assert selecting.is_test(test)
    assert not selecting.is_test(other)
    assert len(tuple(paths(LISTS[name]["files"]))) <= LISTS[name]["total"]
