"""`shipmate demo` and `shipmate play`: run everything on this machine, and print the URL to open."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from shipmate.embedded.defaults import Completed
from shipmate.supervise.processes import PlaygroundWishes
from shipmate.supervise.shipmate import Shipmate, running


def demo(env_file: Path, *, open_browser: bool, logs: bool, turn_delay_ms: int) -> None:
    """Run until a signal asks to stop. Raises what `running` raises."""
    console = Console(highlight=False)
    console.print("Starting Shipmate ...", style="dim")
    wishes = PlaygroundWishes(turn_delay_ms=turn_delay_ms)
    with running(dict(os.environ), env_file, echo=logs, wishes=wishes) as shipmate:
        if shipmate.supervisor.stopping.is_set():
            return
        console.print(welcome(shipmate.settings, shipmate.phone_url))
        if open_browser and shipmate.phone_url and _has_browser():
            webbrowser.open(shipmate.phone_url)
        shipmate.supervisor.run()
        console.print("\nStopping everything ...", style="dim")
    console.print(_goodbye(shipmate), style="dim")


def welcome(settings: Completed, url: str | None) -> Panel:
    """Print the box: the URL, the people, what to tap first, and which services are stand-ins."""
    lines = Text()
    if url:
        lines.append("Open  ")
        lines.append(url, style="bold cyan underline")
        lines.append("\n\n")
        lines.append("Two phones: ")
        lines.append("ana", style="bold")
        lines.append(", a product manager who asks, and ")
        lines.append("ben", style="bold")
        lines.append(", an engineer who approves.\n")
        lines.append(
            f"  1. On ana's phone, tap a suggestion and send it to #till ({settings.worker.rules.repositories[0]}).\n"
        )
        lines.append(
            "  2. Open the replies below it and watch the card: change, checks, pull request, CI, and a link that "
            "opens the built app.\n"
        )
        lines.append("  3. On ben's phone, tap Approve & merge. Afterwards, Undo.\n")
    else:
        lines.append("Slack is the real one: mention the bot in a channel it is in.\n")
    lines.append("\n")
    if "claude" in settings.stand_ins:
        lines.append("Claude is scripted here", style="bold yellow")
        lines.append(": it plays the suggested requests, and nothing else.\n")
        lines.append("Set ANTHROPIC_API_KEY to have the real model make any change you ask for.\n")
    else:
        lines.append(f"Claude is the real one ({settings.worker.claude.model}).\n")
    if "github" in settings.stand_ins:
        server, repository = settings.worker.github.server_url, settings.worker.rules.repositories[0]
        lines.append(f"Repositories and pull requests: {server}/{repository}\n")
    notes = [Text(f"Note: {note}", style="yellow") for note in settings.notes]
    where = Text(f"\nState and logs: {_short(settings.home)} (kept). Ctrl-C stops everything.", style="dim")
    return Panel(Group(lines, *notes, where), title="Shipmate is ready", border_style="green", padding=(1, 2))


def _goodbye(shipmate: Shipmate) -> str:
    return f"Stopped. Everything is kept in {_short(shipmate.settings.home)}; the next start knows it."


def _has_browser() -> bool:
    if not sys.stdout.isatty():
        return False
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
