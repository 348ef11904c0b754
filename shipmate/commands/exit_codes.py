"""Explain on stderr why a command failed, and choose its exit code.

Law: only faults that an operator can fix are caught here; a bug of ours keeps its stack trace.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

WENT_WRONG, WRONG_SETTINGS, TIMED_OUT, INTERRUPTED = 1, 2, 3, 130


def explained(command: Callable[[], object]) -> int:
    """Run `command` and return the exit code, explaining on stderr what was wrong."""
    try:
        command()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        print("Interrupted. Everything it had started has been stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return WENT_WRONG
    except Exception as fault:
        code = _explain(fault)
        if code is None:
            raise
        return code
    return 0


def _readable(line: str) -> str:
    """Return a line of a structured log as a sentence; any other line as it is."""
    try:
        said = json.loads(line)
        why = said.get("why") or said.get("error") or ""
        fix = said.get("fix") or ""
        return f"{said['event']}{': ' if why else ''}{why}{' -> ' if fix else ''}{fix}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return line


def _explain(fault: Exception) -> int | None:
    from bot.settings.sources import SettingsInvalid

    if isinstance(fault, SettingsInvalid):
        count = len(fault.problems)
        print(f"{count} setting{'s are' if count > 1 else ' is'} wrong:\n", file=sys.stderr)
        for problem in fault.problems:
            print(f"  {str(problem).replace(chr(10), chr(10) + '  ')}\n", file=sys.stderr)
        return WRONG_SETTINGS
    if isinstance(fault, ModuleNotFoundError) and str(fault.name).split(".")[0] == "playground":
        print(
            "pip install 'shipmate[playground]': the stand-ins for services without keys are not installed. "
            "Without them, set the keys of Slack, GitHub and Claude.",
            file=sys.stderr,
        )
        return WRONG_SETTINGS
    from shipmate.supervise.home_lock import AlreadyRuns
    from shipmate.supervise.supervisor import ProcessStartFailed

    if isinstance(fault, AlreadyRuns):
        print(f"{fault}.", file=sys.stderr)
        if url := fault.running.facts.get("url"):
            print(f"It is at {url}", file=sys.stderr)
        return WENT_WRONG
    if isinstance(fault, ProcessStartFailed):
        for line in dict.fromkeys(_readable(line) for line in fault.tail[-15:]):
            print(f"    {line}", file=sys.stderr)
        print(f"\nShipmate could not start: {fault}", file=sys.stderr)
        return WRONG_SETTINGS if fault.code == WRONG_SETTINGS else WENT_WRONG
    return None
