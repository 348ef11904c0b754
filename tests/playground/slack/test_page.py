"""The phone page: what it is served with, and that it is whole."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from playground.slack import Suggestion, blockkit, element_shapes
from playground.slack.app import PAGE
from tests.playground.slack.serving import Served, Starter


def read(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Any:
    return urllib.request.urlopen(urllib.request.Request(url, body, headers or {}), timeout=60)


def test_the_page_runs_nothing_but_its_own_files(slack: Served) -> None:
    with read(slack.config.public_url + "/?as=ana") as answer:
        policy, html = answer.headers["content-security-policy"], answer.read().decode()
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", html) == []


def test_every_file_the_page_asks_for_is_there(slack: Served) -> None:
    wanted = set(re.findall(r"/assets/([\w.]+)", (PAGE / "index.html").read_text()))
    for script in PAGE.glob("*.js"):
        wanted |= set(re.findall(r'from "\./([\w.]+)"', script.read_text()))
    assert len(wanted) > 10
    for name in wanted:
        with read(f"{slack.config.public_url}/assets/{name}") as answer:
            assert answer.status == 200


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "nothing.js", "%2e%2e/config.py"])
def test_nothing_else_is_served(slack: Served, name: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        read(f"{slack.config.public_url}/assets/{name}")
    assert caught.value.code == 404


def test_no_markup_is_ever_parsed_from_strings() -> None:
    code = "".join(script.read_text() for script in PAGE.glob("*.js"))
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", code)
        == []
    )


def test_no_file_of_the_page_is_longer_than_three_hundred_lines() -> None:
    assert [path.name for path in PAGE.iterdir() if len(path.read_text().splitlines()) > 300] == []


def test_every_block_and_element_that_is_accepted_is_drawn() -> None:
    blocks = (PAGE / "blocks.js").read_text()
    drawn = set(re.findall(r"^  (\w+)(?::|,)", blocks[blocks.index("const DRAW") :], re.M))
    assert set(blockkit.BLOCKS) <= drawn
    elements = (PAGE / "elements.js").read_text()
    makers = elements[elements.index("const MAKE") : elements.index("export function element")]
    made = set(re.findall(r"^  (\w+)(?::|,)", makers, re.M))
    typed = {*element_shapes.TYPED_KINDS, "datepicker", "timepicker"}
    assert set(element_shapes.ELEMENTS) - typed - {"image"} <= made


def test_the_first_look_tells_who_where_and_that_it_is_scripted(start: Starter) -> None:
    slack = start(notice="Scripted model", suggestions=(Suggestion("make the total include tax", "A bug fix"),))
    slack.phone.say("ben", "#till", "@ana look")
    with read(slack.config.public_url + "/_phone/boot?as=ana") as answer:
        boot = json.load(answer)
    assert (boot["notice"], boot["suggestions"][0]["text"]) == ("Scripted model", "make the total include tax")
    assert [(room["name"], room["unread"]) for room in boot["channels"]] == [
        ("till", 1),
        ("random", 0),
        ("Shipmate", 0),
    ]


def test_a_page_of_another_origin_can_do_nothing(slack: Served) -> None:
    body = json.dumps({"as": "ana", "channel": "#till", "text": "forged"}).encode()
    url = slack.config.public_url + "/_phone/act/say"
    evil = {"Content-Type": "application/json", "Origin": "http://evil.example"}
    for headers in (evil, {"Content-Type": "text/plain"}):
        with pytest.raises(urllib.error.HTTPError) as caught:
            read(url, headers, body)
        assert caught.value.code == 400
    assert slack.phone.messages("#till") == []


def test_the_stream_pushes_what_this_person_may_see(slack: Served) -> None:
    web = slack.web()
    seen: list[Any] = []
    with read(slack.config.public_url + "/_phone/stream?as=ana") as stream:
        assert stream.readline() == b"retry: 1000\n"
        web.chat_postEphemeral(channel="C0TILL0001", user="U0BEN00001", text="for ben")
        slack.phone.say("ben", "dm", "ben's own")
        slack.phone.say("ben", "#till", "for all")
        while not seen:
            line = stream.readline().decode()
            seen += [json.loads(line[6:])] if line.startswith("data: ") else []
    assert (seen[0]["type"], seen[0]["message"]["text"]) == ("message", "for all")


def test_an_open_page_does_not_hold_up_the_end(slack: Served) -> None:
    host = slack.config.public_url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", "/_phone/stream?as=ana")
    stream = connection.getresponse()
    assert stream.readline() == b"retry: 1000\n"
    slack.stop()
    assert stream.read().startswith(b": hello")  # ended in order: an aborted stream would raise
    connection.close()


def test_the_coverage_page_is_what_is_registered() -> None:
    from playground.slack.coverage import table

    page = Path(__file__).parents[3] / "docs" / "playground-slack.md"
    assert page.read_text() == table(), "run: python -m playground.slack.coverage > docs/playground-slack.md"
