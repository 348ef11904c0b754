"""Show the progress of `shipmate try`: live on a terminal, plain lines when piped, JSON lines for scripts.

Law: text that came from a model, a repository or a person is printed as data: no markup, no control characters.
"""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bot.checkup.report import CONTROL, plain


class Progress(Protocol):
    """Receives every step; a context manager around the whole run."""

    def __enter__(self) -> Progress: ...
    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def step(self, what: str, **facts: object) -> None:
        """Show that a new step began: a phase of the change, or something we did. `facts` go into the JSON."""

    def detail(self, text: str) -> None:
        """Show what the card says meanwhile."""

    def end(self, ok: bool, sentence: str, **facts: object) -> None:
        """Show the last word."""


def progress(as_json: bool) -> Progress:
    """Return the kind of progress that fits where stdout goes."""
    if as_json:
        return JsonProgress()
    return LiveProgress() if sys.stdout.isatty() else PlainProgress()


class PlainProgress:
    """A line per step, with the seconds since the start before it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last = ""

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *_: object) -> None:
        """Put nothing back."""

    def step(self, what: str, **_: object) -> None:
        self._line(what)

    def detail(self, text: str) -> None:
        if text != self._last:
            self._last = text
            self._line(f"  {text}")

    def end(self, ok: bool, sentence: str, **facts: object) -> None:
        self._line(f"{'OK' if ok else 'FAILED'}: {sentence}")
        for name, value in facts.items():
            if value and name != "change" and (said := plain(_said(value))):
                print(f"         {name}: {said}", flush=True)

    def _line(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s {CONTROL.sub(' ', text)}", flush=True)


def _said(value: object) -> str:
    """Return a fact on one line: lists and tables without brackets."""
    if isinstance(value, dict):
        return ", ".join(_counted(name, what) for name, what in value.items() if what)
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _counted(name: str, what: object) -> str:
    """Return one entry of a table; millionths of a dollar as what a model would cost."""
    return f"list price ${what / 1_000_000:.2f}" if name == "micros" and isinstance(what, int) else f"{name} {what}"


class JsonProgress:
    """One object per line: {"seconds", "event": "step" | "card" | "end", "says", ...facts}."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._last = ""

    def __enter__(self) -> JsonProgress:
        return self

    def __exit__(self, *_: object) -> None:
        """Put nothing back."""

    def step(self, what: str, **facts: object) -> None:
        self._line("step", what, facts)

    def detail(self, text: str) -> None:
        if text != self._last:
            self._last = text
            self._line("card", text, {})

    def end(self, ok: bool, sentence: str, **facts: object) -> None:
        self._line("end", sentence, {"ok": ok, **facts})

    def _line(self, event: str, says: str, facts: dict[str, object]) -> None:
        seconds = round(time.monotonic() - self._began, 2)
        print(json.dumps({"seconds": seconds, "event": event, "says": says, **facts}), flush=True)


class LiveProgress:
    """Steps done with their seconds, and the one at work with a spinner and the card's words."""

    def __init__(self) -> None:
        self._done: list[tuple[str, float]] = []
        self._now: tuple[str, float] | None = None
        self._detail = ""
        self._spinner = Spinner("dots", style="cyan")
        self._console = Console(highlight=False)
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=10, transient=False)

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._live.stop()

    def step(self, what: str, **_: object) -> None:
        self._finish()
        self._now, self._detail = (what, time.monotonic()), ""

    def detail(self, text: str) -> None:
        self._detail = text

    def end(self, ok: bool, sentence: str, **facts: object) -> None:
        self._finish()
        self._live.stop()
        mark = Text("✓ " if ok else "✗ ", style="bold green" if ok else "bold red")
        self._console.print(mark.append(plain(sentence)))
        for name, value in facts.items():
            if value and name != "change" and (said := plain(_said(value))):
                self._console.print(Text(f"  {name}: {said}", style="dim"))

    def _finish(self) -> None:
        if self._now:
            self._done.append((self._now[0], time.monotonic() - self._now[1]))
            self._now = None

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 1))
        for what, seconds in self._done:
            table.add_row(Text("✓", style="green"), Text(plain(what)), Text(f"{seconds:.1f} s", style="dim"))
        if self._now:
            table.add_row(self._spinner, Text(plain(self._now[0]), style="bold"), Text(""))
            if self._detail:
                table.add_row("", Text(plain(self._detail), style="dim"), "")
        return table
