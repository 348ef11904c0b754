"""Pictures: only what the service takes gets into a conversation, and nothing is decoded to find out."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.change import Image
from tests.workers.agent.acting import (
    MemoryTranscript,
    PlayedModel,
    Workbench,
    a_job,
    bash,
    call,
    finish,
    reply,
    said,
)
from tests.workers.agent.drawn import png
from workers.agent import MemoryBlobs, pictures
from workers.agent.loop import work
from workers.agent.pictures import NotAPicture, media_type

JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08\x01\x00\x02\x00\x03" + b"\0" * 9 + b"\xff\xd9"
)
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14) + b"\0" * 8


def image(name: str = "till.png") -> Image:
    return Image(id="F1", name=name, mimetype="image/png", size=80, url="https://files.slack.com/x")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(), "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF89a" + struct.pack("<HH", 3, 4) + b"\0;", "image/gif"),
        (WEBP, "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_bytes(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"<html>sign in</html>", "is not a PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "is not a PNG"),
        (png(9000, 1), "9000 x 1"),
        (png()[:-12], "is cut off"),
        (JPEG[:-2], "is cut off"),
        (WEBP[:-2], "is cut off"),
        (b"GIF89a" + struct.pack("<HH", 3, 4) + b"\0", "is cut off"),
        (png(0, 1), "0 x 1"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * pictures.LARGEST, "too big"),
    ],
)
def test_what_the_service_would_refuse_never_gets_in(data: bytes, why: str) -> None:
    with pytest.raises(NotAPicture, match=why):
        media_type(data)


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b"GIF89a", png()[:20]]), st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_header(head: bytes, rest: bytes) -> None:
    try:
        kind = media_type(head + rest)
    except NotAPicture:
        kind = "image/none"
    assert kind.startswith("image/")


def test_pictures_of_the_request_and_of_notes_are_sent_and_stored_by_their_digest(bench: Workbench) -> None:
    base = bench.start()
    transcript, model = MemoryTranscript(), PlayedModel([reply(bash("touch x")), reply(finish())])
    note = said("person", "like this").model_copy(update={"images": (image("note.png"),)})
    access = bench.access()
    job = a_job(base, images=(image(),), fetch=lambda one: png(3, 3) if one.name == "till.png" else png(4, 4))
    work(job, model, transcript, access)
    content = model.asked[0][0]["content"]
    assert [block["type"] for block in content] == ["text", "text", "image"]
    assert content[1]["text"] == "[picture till.png]"
    assert content[2]["source"]["type"] == "base64"
    assert "base64" not in transcript.stored[0]
    again = PlayedModel([reply(bash("touch x")), reply(finish()), reply(finish())])
    job = a_job(base, notes=lambda: (note,), fetch=lambda _: png(4, 4))
    work(job, again, transcript, access)
    assert again.asked[0][0] == model.asked[0][0]
    assert [block["type"] for block in again.asked[0][-1]["content"]] == ["tool_result", "text", "text", "image"]


def test_a_picture_that_cannot_be_had_is_told_in_words(bench: Workbench) -> None:
    base = bench.start()
    model = PlayedModel([reply("I cannot see it.")])
    job = a_job(base, images=(image(), image("b.png")), fetch=lambda one: "no scope" if one.name == "b.png" else b"x")
    work(job, model, MemoryTranscript(), bench.access())
    told = [block["text"] for block in model.asked[0][0]["content"]]
    assert told[1].startswith("[the picture till.png is not a PNG")
    assert told[2] == "[the picture b.png could not be fetched: no scope]"


def test_a_picture_the_agent_made_is_shown_to_it(bench: Workbench) -> None:
    bench.start()
    (bench.folder / "shot.png").write_bytes(png(5, 5))
    base = bench.checkpoint()
    model = PlayedModel(
        [reply(call("view_image", path="/workspace/shot.png"), call("view_image", path="none.png")), reply("Nice.")]
    )
    work(a_job(base), model, MemoryTranscript(), bench.access())
    shown, missing = model.asked[1][-1]["content"]
    assert [part["type"] for part in shown["content"]] == ["text", "image"]
    assert missing["is_error"] is True


def test_a_conversation_takes_so_many_pictures_and_no_more() -> None:
    keep = MemoryBlobs()
    blocks: list[dict[str, Any]] = []
    for at in range(pictures.MOST):
        blocks.append(pictures.stored(png(at + 1, 1), keep, pictures.budget_left(blocks)))
    with pytest.raises(NotAPicture, match="as many pictures as it can"):
        pictures.stored(png(), keep, pictures.budget_left(blocks))
