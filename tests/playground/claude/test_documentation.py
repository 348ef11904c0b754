"""The page about the stand-in says what the stand-in has: routes, faults, and a script that really plays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.routing import Route

from playground.claude import ClaudeStandInConfig
from playground.claude.app import create_app
from playground.claude.faults import KINDS
from tests.playground.claude.conversation import StandIn, request, results

PAGE = (Path(__file__).parents[3] / "docs/playground-claude.md").read_text(encoding="utf-8")


def test_the_table_of_routes_is_the_applications(config: ClaudeStandInConfig) -> None:
    routes = {
        (method, route.path)
        for route in create_app(config).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(re.findall(r"^\| `([A-Z]+) (/\S*)` \|", PAGE, re.MULTILINE)) == routes


def test_the_table_of_faults_is_complete() -> None:
    assert set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)) == set(KINDS)


def test_the_script_of_the_page_plays(config: ClaudeStandInConfig, stand_in: StandIn) -> None:
    (script,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert config.extra_scripts_dir
    (config.extra_scripts_dir / "greet.toml").write_text(script, encoding="utf-8")
    talk: list[Any] = [request("Greet nicely")]
    names = []
    for _ in range(3):
        reply = stand_in.ask(talk)
        names.append([block.name for block in reply.content if block.type == "tool_use"])
        talk += [reply.to_param(), results(reply, "print('bye')")]
    edit = "str_replace_based_edit_tool"
    assert names == [[edit, "bash"], [edit, edit], ["finish"]]
