"""Licences and notices."""

from __future__ import annotations

import pytest

from tests.workers.guards.looking import edited, rules

MIT: dict[str, bytes | str] = {
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person\n"
}
GPL: dict[str, bytes | str] = {"LICENSE": "GNU GENERAL PUBLIC LICENSE\nVersion 3\n"}


@pytest.mark.parametrize(
    "head",
    [
        "// SPDX-License-Identifier: GPL-3.0-or-later",
        "# SPDX-License-Identifier: AGPL-3.0",
        " * Licensed under the GNU General Public License v2",
        "// Licensed under the Server Side Public License (SSPL)",
    ],
)
def test_a_copyleft_file_in_a_permissive_repository_is_held(head: str) -> None:
    body = f"{head}\nint x;\n"
    assert "licence-foreign" in rules({}, {"src/x.c": body}, also=MIT)
    assert rules({}, {"src/x.c": body}, also=GPL) == set()


@pytest.mark.parametrize(
    "head",
    [
        "// SPDX-License-Identifier: MIT",
        "// SPDX-License-Identifier: MIT OR GPL-2.0",
        "# works with GPL programs",
        "x = 1",
    ],
)
def test_a_permissive_file_is_no_finding(head: str) -> None:
    assert rules({}, {"src/x.c": f"{head}\nint x;\n"}, also=MIT) == set()


def test_a_removed_notice_is_held() -> None:
    head = "// Copyright (c) 2020 Ana\n// SPDX-License-Identifier: MIT\n"
    assert edited("src/x.c", f"{head}int x;\n", "int x;\n") == {"licence-header"}
    assert edited("src/x.c", f"{head}int x;\n", f"{head.replace('2020', '2026')}int x;\n") == set()


def test_changed_terms_are_held_and_a_new_year_is_told() -> None:
    old = "MIT License\nCopyright (c) 2020-2024 Ana\nPermission is hereby granted\n"
    assert edited("LICENSE", old, old.replace("2024", "2026")) == {"licence-year"}
    assert edited("LICENSE", old, old.replace("Ana", "Mallory")) == {"licence-changed"}
    assert rules({"LICENSE": old}, {}) == {"licence-changed"}


def test_the_licence_that_a_package_declares_is_watched() -> None:
    old = '{\n"name": "x",\n"license": "MIT"\n}\n'
    assert edited("package.json", old, old.replace("MIT", "UNLICENSED")) == {"licence-changed"}
