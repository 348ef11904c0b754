"""Reduce GitHub's published GraphQL schema to what the stand-in's types are checked against.

Source: the npm package `@octokit/graphql-schema` (MIT), file `schema.graphql`. To regenerate, with
graphql-core installed:

    npm pack @octokit/graphql-schema@15.26.1 && tar xzf octokit-graphql-schema-15.26.1.tgz package/schema.graphql
    PYTHONPATH=. python tests/playground/github/openapi/reduce_graphql.py package/schema.graphql

Law: nothing is edited by hand in the result. Kept per type: fields that the stand-in knows, with their arguments.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from playground.github.graphql.types import SCHEMA, TYPES

RESULT = Path(__file__).parent / "graphql.reduced.json"


def main(source: Path) -> None:
    graphql: Any = importlib.import_module("graphql")
    schema = graphql.build_schema(source.read_text(), assume_valid_sdl=True)
    types: dict[str, Any] = {}
    for name, fields in TYPES.items():
        known = getattr(schema.get_type(name), "fields", {})
        types[name] = {
            field: {
                "type": str(known[field].type),
                "args": {it: str(arg.type) for it, arg in known[field].args.items()},
            }
            for field in sorted(fields)
            if field in known
        }
    members = {
        name: sorted(str(it) for it in schema.get_possible_types(schema.get_type(name))) for name in SCHEMA.members
    }
    made = {"source": "@octokit/graphql-schema 15.26.1 (MIT)", "types": types, "members": members}
    RESULT.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
