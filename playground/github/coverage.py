"""The coverage table of `docs/playground-github.md`, made from the routes themselves.

Run `python -m playground.github.coverage docs/playground-github.md` to write it again; a test compares the two.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .api import template
from .app import API_ROUTES
from .ci.actions import ACTIONS
from .ci.workflow import EXPRESSIONS
from .rest.graphql import KNOWN

BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"


def table() -> str:
    """Return Markdown: one row per route with the permission it needs and the body fields it takes."""
    rows = ["| route | needs | body fields (`!`: must be given) |", "| --- | --- | --- |"]
    for it in API_ROUTES:
        fields = ", ".join(f"`{name}`" for name in it.body or {}) or "none"
        body = "" if it.method == "GET" else fields
        rows.append(f"| `{it.method} {template(it.path)}` | {it.needs} | {body} |")
    mutations = ", ".join(f"`{name}`" for name in KNOWN)
    rows.append(f"| `POST /api/graphql` | by field | queries, and the mutations {mutations} |")
    actions = "\n".join(f"- `{name}`" for name in ACTIONS)
    expressions = ", ".join(f"`{name}`" for name in EXPRESSIONS)
    return "\n".join(rows) + f"\n\nActions that the CI knows:\n\n{actions}\n\nExpressions it knows: {expressions}.\n"


def written(document: str) -> str:
    """Return the document with its table made again. Raises ValueError when the markers are not there."""
    before, _, rest = document.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError("the coverage markers are missing")
    return f"{before}{BEGIN}\n{table()}{END}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text()))
