"""Pictures of messages on their way to the agent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.listeners.pictures import pictures
from tests.listeners.world import CHANNEL, World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def a_file(**more: Any) -> dict[str, Any]:
    told = {"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 9, "url_private_download": "https://f/a.png"}
    return {**told, **more}


def test_a_picture_sent_with_the_request_comes_along(here: World) -> None:
    said = here.phone.upload("ana", CHANNEL, "till.png", PNG, "@Shipmate make it look like this")
    change = here.soon(lambda: here.change_at(said["ts"]))
    (image,) = change.images
    assert (image.name, image.mimetype, image.size) == ("till.png", "image/png", len(PNG))
    assert image.url.startswith("http")
    assert "[attached file: till.png]" in change.request


def test_a_picture_sent_with_a_note_comes_along(here: World) -> None:
    change = here.ask()
    here.phone.upload("ben", CHANNEL, "note.png", PNG, "rather so", thread_ts=change.place.thread_ts)
    noted = here.soon(lambda: here.fresh(change) if here.fresh(change).notes else None)
    assert [image.name for image in noted.notes[0].images] == ["note.png"]


def test_a_picture_under_the_shortcut_comes_along(here: World) -> None:
    said = here.phone.upload("ben", CHANNEL, "till.png", PNG, "the total looks wrong")
    here.phone.shortcut("ana", CHANNEL, said["ts"])
    change = here.soon(lambda: here.change_at(said["ts"]))
    assert [image.name for image in change.images] == ["till.png"]


@pytest.mark.parametrize(
    "files",
    [
        None,
        "odd",
        [None, "odd"],
        [a_file(mimetype="image/svg+xml")],
        [a_file(mimetype=["image/png"])],
        [a_file(url_private_download=None)],
        [a_file(url_private_download="https://f/" + "a" * 3000)],
        [{"id": "F1", "mode": "hidden_by_limit"}],
    ],
)
def test_what_is_no_picture_we_can_fetch_is_left_out(files: Any) -> None:
    assert pictures({"files": files}) == ()


def test_odd_descriptions_are_cut_to_size() -> None:
    found = pictures({"files": [a_file(name="n" * 999, size="many", id=7)] * 20})
    assert len(found) == 8
    assert (len(found[0].name), found[0].size, found[0].id) == (200, 0, "7")
