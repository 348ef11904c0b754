"""`shipmate try`: one change from request to merged, through the same processes as the demo."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain.change import Phase
from bot.settings.sources import Problem, SettingsInvalid
from bot.store import Store
from shipmate.commands.exit_codes import TIMED_OUT, WENT_WRONG
from shipmate.commands.progress import Progress, progress
from shipmate.commands.story import Story, StoryEnded, TimeOver
from shipmate.commands.try_environment import fetching, try_environment
from shipmate.embedded.defaults import Completed, complete
from shipmate.supervise.home_lock import who_runs
from shipmate.supervise.processes import PlaygroundWishes
from shipmate.supervise.shipmate import phone_url, running

GOALS = ("ready", "merged", "undone")
PEOPLE = ("ana", "ben", "cleo", "mallory")
COLLEAGUES = ("ben", "cleo", "ana")
"""Who taps where a change needs a second approver."""


@dataclass(frozen=True)
class Wish:
    """The command's arguments. `repo` may be empty; `seconds` is the time for the whole change."""

    request: str
    until: str
    repo: str
    asker: str
    approver: str
    script: Path | None
    as_json: bool
    keep: bool
    seconds: float


def try_change(wish: Wish, env_file: Path) -> int:
    """Run the change, and return the exit code. Raises what `running` raises."""
    _check(wish)
    environ, wishes = try_environment(wish.repo, scripted=wish.script is not None, env_file=env_file)
    settings = complete(environ, env_file)
    _check_stand_ins(settings, wish)
    _bring_script(settings, wish)
    print("Starting Shipmate ..." if not who_runs(settings.home) else "Using the Shipmate that runs.", file=sys.stderr)
    with _shipmate(settings, environ, env_file, wishes) as (live, tend, wait):
        with progress(wish.as_json) as shown:
            code = _tell(wish, live, shown, tend)
        if wish.keep:
            print(f"Still running: {phone_url(live)} (Ctrl-C ends it)", file=sys.stderr)
            wait()
    return code


def _tell(wish: Wish, settings: Completed, shown: Progress, tend: Callable[[], None]) -> int:
    from playground.slack.client import PhoneRefused, SlackPhone

    phone = SlackPhone(settings.bot.slack.api_url.removesuffix("/api/"))
    store = Store(settings.bot.storage.database_url.get_secret_value())
    story = Story(phone, store, shown, wish.asker, wish.approver, time.monotonic() + wish.seconds, tend)
    try:
        story.ask(wish.request)
        story.until(Phase.READY)
        story.shows("approve")
        if wish.until in {"merged", "undone"}:
            story.approve(wish.approver, *(one for one in COLLEAGUES if one not in {wish.asker, wish.approver}))
            story.until(Phase.MERGED)
            story.shows("undo")
        if wish.until == "undone":
            story.press(wish.approver, "undo", "Undo")
            story.press(wish.approver, "undo_approve", "Merge the undo")
            story.until(Phase.UNDONE)
        shown.end(True, f"The change is {wish.until}.", **_facts(story, settings))
    except StoryEnded as fault:
        shown.end(False, str(fault), **_facts(story, settings))
        return WENT_WRONG
    except TimeOver:
        shown.end(False, f"Not {wish.until} within {wish.seconds:g} s.", **_facts(story, settings))
        return TIMED_OUT
    except (PhoneRefused, OSError) as fault:
        shown.end(False, f"The playground's Slack does not answer: {fault}", **_facts(story, settings))
        return WENT_WRONG
    finally:
        store.close()
    return 0


def _facts(story: Story, settings: Completed) -> dict[str, object]:
    """Return the final facts, and the command that fetches the change after Shipmate has stopped."""
    return {**story.facts(), "fetch": fetching(settings, story.change) if story.change else None}


def _bring_script(settings: Completed, wish: Wish) -> None:
    """Install this run's script and remove earlier ones; scripts of a running Shipmate are left alone."""
    place = settings.home / "playground" / "scripts" / "try.toml"
    if wish.script:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wish.script, place)
    elif not who_runs(settings.home):
        place.unlink(missing_ok=True)


@contextmanager
def _shipmate(
    settings: Completed, environ: Mapping[str, str], env_file: Path, wishes: PlaygroundWishes
) -> Iterator[tuple[Completed, Callable[[], None], Callable[[], None]]]:
    """Yield a Shipmate for this home, started here unless one runs: settings, upkeep, how to wait."""
    if who_runs(settings.home):
        yield settings, lambda: None, lambda: None
        return
    with running(environ, env_file, echo=False, wishes=wishes) as own:
        supervisor = own.supervisor

        def tend() -> None:
            if supervisor.stopping.is_set():
                raise KeyboardInterrupt
            supervisor.tend()

        tend()
        yield own.settings, tend, supervisor.run


def _check(wish: Wish) -> None:
    problems = []
    if not wish.request.strip():
        problems.append(Problem("request", "is empty", 'Say what to change, e.g. "make the total include tax".'))
    if wish.until not in GOALS:
        problems.append(Problem("--until", f"{wish.until!r} is not a goal", f"Write one of {', '.join(GOALS)}."))
    for option, person in (("--as", wish.asker), ("--approve-as", wish.approver)):
        if person not in PEOPLE:
            problems.append(Problem(option, f"nobody is called {person!r}", f"Choose one of {', '.join(PEOPLE)}."))
    if wish.script and not wish.script.is_file():
        problems.append(Problem("--script", f"{wish.script} is not a file", "Give a TOML file that scripts Claude."))
    if problems:
        raise SettingsInvalid(problems)


def _check_stand_ins(settings: Completed, wish: Wish) -> None:
    problems = []
    if "slack" not in settings.stand_ins:
        problems.append(
            Problem(
                "SLACK_BOT_TOKEN", "is set, but `try` acts in the Slack of the playground", "Unset it for this command."
            )
        )
    if wish.repo and "github" not in settings.stand_ins:
        problems.append(
            Problem("--repo", "needs the GitHub of the playground", "Unset the GitHub keys for this command.")
        )
    if wish.script and "claude" not in settings.stand_ins:
        problems.append(Problem("--script", "needs the scripted Claude", "Unset ANTHROPIC_API_KEY for this command."))
    if problems:
        raise SettingsInvalid(problems)
