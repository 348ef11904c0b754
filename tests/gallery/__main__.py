"""Pictures of every card on the phone page, for `docs/pictures`: `python -m tests.gallery`.

`python -m tests.gallery FOLDER` draws all of them large, light and dark, for looking closely. Needs chromium, and a
font with emoji (fonts-noto-color-emoji). `phone.png` is the picture of the README.
"""

from __future__ import annotations

import socket
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from playground.slack import SlackStandInConfig
from tests.gallery.browser import Screen, screen
from tests.gallery.scenes import Scene, scenes
from tests.playground.slack.serving import Served

CHANNEL = "C0TILL0001"
WIDTH, HEIGHT = 390, 844
HIDDEN = "Math.max(...[...document.querySelectorAll('main *')].map(e => e.scrollHeight - e.clientHeight), 0)"
FREEZE = (
    "(() => { const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); let n; "
    "while ((n = all.nextNode())) n.data = n.data.replace(/\\b\\d{1,2}:\\d{2}(?:\\s?[AP]M)?/gi, '9:41'); return 1; })()"
)
"""Sets every clock time of the page to 9:41, so that an unchanged card gives an identical file."""
THERE = "document.fonts.status === 'loaded' && document.querySelectorAll('button').length > 4"


@dataclass(frozen=True)
class Shot:
    """A picture of a scene: light or dark, and how many pixels for one."""

    scene: str
    look: str
    scale: float
    file: str


DOCS = (
    Shot("ready", "light", 2, "phone.png"),
    Shot("ready", "dark", 1, "ready-dark.png"),
    *(Shot(scene.name, "light", 1, f"{scene.name}.png") for scene in scenes()),
)
CLOSELY = tuple(Shot(one.name, look, 2, f"{one.name}-{look}.png") for one in scenes() for look in ("light", "dark"))


def main(folder: Path, shots: tuple[Shot, ...]) -> int:
    """Draw them all; exit code 1 where there is no browser."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        served = Served(SlackStandInConfig(Path(scratch) / "slack.db", public_url=url), listening)
        served.start()
        try:
            threads = {scene.name: post(served, scene) for scene in scenes()}
            with screen() as phone:
                for shot in shots:
                    query = urlencode({"as": "ana", "channel": CHANNEL, "thread": threads[shot.scene]})
                    shoot(phone, f"{url}/?{query}", shot, folder / shot.file)
        except FileNotFoundError as missing:
            print(missing, file=sys.stderr)
            return 1
        finally:
            served.stop()
    return 0


def shoot(phone: Screen, address: str, shot: Shot, picture: Path) -> None:
    """The whole thread: as high as a phone, or as high as it takes."""
    shows = partial(phone.shows, address, THERE, width=WIDTH, scale=shot.scale, look=shot.look)
    shows(height=HEIGHT)
    shows(height=HEIGHT + int(phone.asks(HIDDEN)))
    phone.asks(FREEZE)
    phone.shoots(picture)
    print(f"{picture} ({picture.stat().st_size // 1024} KB)")


def post(served: Served, scene: Scene) -> str:
    """The scene as a thread; its ts."""
    said = served.phone.say("ana", CHANNEL, f"@{served.config.bot_name} {scene.request}")
    web = served.web()
    web.reactions_add(channel=CHANNEL, timestamp=said["ts"], name="eyes")
    for words in (scene.card, *scene.notices):
        web.chat_postMessage(channel=CHANNEL, thread_ts=said["ts"], text=words.text, blocks=list(words.blocks))
    if scene.whisper:
        web.chat_postEphemeral(
            channel=CHANNEL,
            user="U0ANA00001",
            thread_ts=said["ts"],
            text=scene.whisper.text,
            blocks=list(scene.whisper.blocks),
        )
    return str(said["ts"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), CLOSELY) if len(sys.argv) > 1 else main(Path("docs/pictures"), DOCS))
