"""Chromium over its debugging protocol: a phone's screen, light or dark, and pictures of it."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--mute-audio",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
MOST_SECONDS = 20.0


class Screen:
    """One tab."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._ids = count(1)

    def does(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result."""
        number = next(self._ids)
        self._line.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv(timeout=MOST_SECONDS))
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def asks(self, expression: str) -> Any:
        """The value of an expression in the page."""
        found = self.does("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def shows(self, address: str, there: str, *, look: str, width: int, height: int, scale: float) -> None:
        """Open a page at a phone's size and wait until the expression `there` is true."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": True}
        self.does("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = [
            {"name": "prefers-color-scheme", "value": look},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.does("Emulation.setEmulatedMedia", features=scheme)
        self.does("Page.navigate", url=address)
        deadline = time.monotonic() + MOST_SECONDS
        while not self.asks(there):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address} did not come to show {there}")
            time.sleep(0.05)

    def shoots(self, picture: Path) -> None:
        """What is on the screen, as a PNG."""
        taken = self.does("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        picture.write_bytes(base64.b64decode(taken["data"]))


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    """A fresh browser with one tab. Raises FileNotFoundError where there is none."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise FileNotFoundError("no chromium on the PATH: apt-get install chromium fonts-noto-color-emoji")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [browser, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_tab(Path(profile) / "DevToolsActivePort"), max_size=None, proxy=None) as line:
                yield Screen(line)
        finally:
            process.terminate()
            process.wait(60)


def _tab(port_file: Path) -> str:
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, StopIteration):
            port = int(port_file.read_text().split("\n")[0])
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            tabs = json.load(opener.open(f"http://127.0.0.1:{port}/json", timeout=60))
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        time.sleep(0.05)
    raise TimeoutError("chromium did not start")
