"""The `shipmate` command.

Law: nothing heavy is imported before a verb is chosen, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

_EPILOG = """
**Exit codes.** 0: done. 1: it did not work (for `try`: the change did not get there; for `doctor`: something failed).
2: settings or arguments are wrong; every problem is named, with how to fix it. 3: time ran out (`try`).
130: interrupted.

**Settings** come from the environment, from `.env`, and for every secret also from a file (`NAME_FILE`);
`shipmate doctor` checks them. With none set, everything runs on this machine: stand-ins for Slack, GitHub
and Claude.
"""

app = typer.Typer(
    name="shipmate",
    help="Ask for a fix from your phone; approve, merge or undo it from the same Slack thread.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

evaluations = typer.Typer(help="Measure the parts that a model plays.", no_args_is_help=True)
app.add_typer(evaluations, name="eval")

policy = typer.Typer(help="The file .shipmate.toml, in which a repository says how it is tested.", no_args_is_help=True)
app.add_typer(policy, name="policy")

_ENV_FILE = Path(".env")


def _env_file(path: Path) -> Path:
    if path != _ENV_FILE and not path.exists():
        raise typer.BadParameter(f"there is no file {str(path)!r}")
    return path


EnvFile = Annotated[
    Path, typer.Option("--env-file", callback=_env_file, help="Settings file; environment variables win.")
]


def _version(asked: bool) -> None:
    if asked:
        import shipmate

        print(f"shipmate {shipmate.__version__}")
        raise typer.Exit


@app.callback()
def shipmate_command(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Ask for a fix from your phone; approve, merge or undo it from the same Slack thread."""


@app.command()
def up(env_file: EnvFile = _ENV_FILE) -> None:
    """Run everything: broker (where none is set), stand-ins (where no keys are set), bot and workers, with one log.

    Ctrl-C ends all of it.
    """
    from shipmate.commands.up import up as run

    run(env_file)


@app.command()
def demo(
    env_file: EnvFile = _ENV_FILE,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Print every process's log here too.")] = False,
    turn_delay_ms: Annotated[int, typer.Option(min=0, max=60000, help="Time of a scripted model turn.")] = 700,
) -> None:
    """Try it without any account: two phones in your browser, a real repository, real tests, a scripted Claude.

    With ANTHROPIC_API_KEY set, the real Claude makes the changes. What happened yesterday is still there today.
    """
    from shipmate.commands.demo import demo as run

    run(env_file, open_browser=not no_open, logs=logs, turn_delay_ms=turn_delay_ms)


@app.command()
def play(
    env_file: EnvFile = _ENV_FILE, logs: Annotated[bool, typer.Option("--logs", help="Print the logs too.")] = False
) -> None:
    """Run `demo --no-open`."""
    from shipmate.commands.demo import demo as run

    run(env_file, open_browser=False, logs=logs, turn_delay_ms=700)


@app.command(name="try")
def try_request(
    request: Annotated[str, typer.Argument(help='What to ask for, e.g. "make the total include tax".')],
    until: Annotated[str, typer.Option(help="How far to go: ready, merged or undone.")] = "merged",
    repo: Annotated[str, typer.Option(help="A local git repository, or a file:// or https:// URL, to try it on.")] = "",
    asker: Annotated[str, typer.Option("--as", help="Who asks.")] = "ana",
    approver: Annotated[str, typer.Option("--approve-as", help="Who approves.")] = "ben",
    script: Annotated[Path | None, typer.Option(help="A script for the scripted Claude (TOML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards, until Ctrl-C.")] = False,
    minutes: Annotated[float, typer.Option(min=0.05, help="Give up after this long (exit code 3).")] = 20.0,
    env_file: EnvFile = _ENV_FILE,
) -> None:
    """Take one change from request to merged, through the same processes as the demo, and watch it here.

    Uses a running demo where there is one. Exit code 0 only when the change got as far as `--until` says.
    """
    from shipmate.commands.try_change import Wish, try_change

    wish = Wish(request, until, repo, asker, approver, script, as_json, keep, minutes * 60)
    raise typer.Exit(try_change(wish, env_file))


@app.command()
def bot(env_file: EnvFile = _ENV_FILE) -> None:
    """Run the bot alone: Slack's deliveries, GitHub's webhooks, health pages."""
    from shipmate.commands.single import run_bot

    run_bot(env_file)


@app.command()
def worker(
    lanes: Annotated[
        str, typer.Option(help="What to work on: talk (seconds), build (minutes), or both.")
    ] = "talk,build",
    env_file: EnvFile = _ENV_FILE,
) -> None:
    """Run a worker alone."""
    from shipmate.commands.single import run_worker

    run_worker(env_file, lanes)


@app.command()
def runner(
    home: Annotated[Path, typer.Option(envvar="SHIPMATE_HOME", help="The folder shared with the workers.")] = Path(
        ".shipmate"
    ),
    socket: Annotated[
        Path | None, typer.Option(envvar="SHIPMATE_RUNNER_SOCKET", help="Where to listen; sockets/runner.sock in home.")
    ] = None,
    toolbox: Annotated[Path, typer.Option(envvar="SHIPMATE_TOOLBOX", help="Test tools for sandboxes.")] = Path(
        ".toolbox"
    ),
    peer: Annotated[list[int] | None, typer.Option(help="A user id that may connect; our own where left out.")] = None,
) -> None:
    """Run a sandbox runner alone, for workers with SHIPMATE_SANDBOX=runner. It reads no settings and takes no secret.

    Exit code 1 where its sandbox leaks or cannot start, 2 where its environment holds a secret.
    """
    from shipmate.commands.single import run_runner

    run_runner(home, socket, toolbox, peer or [])


@app.command()
def playground(env_file: EnvFile = _ENV_FILE) -> None:
    """Run the stand-ins alone, those whose keys are not set."""
    from shipmate.commands.single import run_playground

    run_playground(env_file)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False, env_file: EnvFile = _ENV_FILE
) -> None:
    """Check every setting against the live services, and say how to fix what is wrong."""
    from shipmate.commands.doctor import doctor as run

    raise typer.Exit(run(env_file, as_json=as_json))


@app.command()
def migrate(env_file: EnvFile = _ENV_FILE) -> None:
    """Migrate the database. The bot and the workers do it too when they start."""
    from shipmate.commands.single import migrate_database

    migrate_database(env_file)


@evaluations.command(name="judge")
def eval_judge(
    model: Annotated[str, typer.Option(help="Instead of SHIPMATE_JUDGE_MODEL.")] = "",
    effort: Annotated[str, typer.Option(help="Instead of SHIPMATE_JUDGE_EFFORT.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", "--class", help="A class of cases; repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many cases, from all classes alike; 0: all.")] = 0,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Calls at a time.")] = 4,
    results: Annotated[Path | None, typer.Option(help="The file that keeps the answers.")] = None,
    compare: Annotated[Path | None, typer.Option(help="Answers that an earlier run kept, to compare with.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Say what it would cost, and ask nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what was answered before.")] = False,
    min_catch: Annotated[float | None, typer.Option(help="Exit code 1 below this catch rate (0 to 1).")] = None,
    max_false_veto: Annotated[float | None, typer.Option(help="Exit code 1 above this rate (0 to 1).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    env_file: EnvFile = _ENV_FILE,
) -> None:
    """Have the reviewing model judge labelled changes: how many it catches, how many it vetoes wrongly.

    With ANTHROPIC_API_KEY set, this asks the real model and costs money. Without, a script answers, and it says so.
    """
    from shipmate.commands.eval_judge import eval_judge as run

    values = {"--model": model, "--limit": limit, "--parallel": parallel, "--results": results and results.absolute()}
    values |= {"--min-catch": min_catch, "--max-false-veto": max_false_veto, "--effort": effort}
    values |= {"--compare": compare and compare.absolute()}
    arguments = [f"{name}={value}" for name, value in values.items() if value not in (None, "")]
    arguments += [f"--only={kind}" for kind in only or []]
    arguments += [flag for flag, on in (("--fresh", fresh), ("--json", as_json), ("--estimate", estimate)) if on]
    raise typer.Exit(run(arguments, env_file))


@policy.command(name="check")
def policy_check(
    path: Annotated[Path, typer.Argument(help="A repository's folder, or a policy file.")] = Path("."),
    repo: Annotated[Path | None, typer.Option(help="A local git repository: what its commit says.")] = None,
    at: Annotated[str, typer.Option(help="The commit or branch of --repo.")] = "HEAD",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Check a repository's .shipmate.toml, and show which tests and checks Shipmate would run.

    Exit code 0: it can be used. 1: there is a mistake in it, named with its line. 2: there is no such file or folder.
    """
    from shipmate.commands.policy import check

    raise typer.Exit(check(path, repo, at, as_json=as_json))


def main() -> None:
    """Run the command; faults that an operator can fix are sentences, not stack traces."""
    from shipmate.commands.exit_codes import explained

    sys.exit(explained(app))


if __name__ == "__main__":
    main()
