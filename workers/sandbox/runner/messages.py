"""Define the messages on the runner's socket. Every message is checked against these models, on both sides.

A connection begins with one of `First`. After `Open` or `OpenSetup` it belongs to that session and takes `Inside`.
After `Attach` it carries commands of the session, one at a time: it takes `Command`, and `Cancel` while one runs.

Law: paths are relative to the shared root, in the form that `_PATH` allows. `shared.py` decides where a path may lead.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workers.sandbox import Limits, Ran
from workers.sandbox.runner.wire import LONGEST_ORDER, LONGEST_OUTPUT, Broken

_NAME = r"[A-Za-z0-9._-]{1,150}"
_PATH = rf"^{_NAME}(/{_NAME}){{1,6}}$"
_TOKEN = r"^[0-9a-f]{32}$"  # noqa: S105 - the shape of one
Path = Annotated[str, Field(max_length=600, pattern=_PATH)]
Sha = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class Message(BaseModel):
    """A frozen message without unknown fields, and without conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Ping(Message):
    """Asks whether the runner works."""

    op: Literal["ping"] = "ping"


class Probe(Message):
    """Asks the runner to look for leaks."""

    op: Literal["probe"] = "probe"


class HistoryMessage(Message):
    """A commit whose history is shown, the folder of its packs, and the folders that the workspace has."""

    commit: Sha
    packs: Path
    sparse: tuple[str, ...] = Field(default=(), max_length=1000)


class WorkspaceMessage(Message):
    """A workspace as plain data: see `workers.workspace.Workspace`."""

    place: Path
    base: Sha
    lower: Path | None = None
    bytes: int = Field(gt=0, le=1 << 45)
    files: int = Field(gt=0, le=1 << 32)
    history: HistoryMessage | None = None


class Open(Message):
    """Asks for a session: around a plain folder, or around a workspace. `egress` is the socket of its only way out."""

    op: Literal["open"] = "open"
    folder: Path | None = None
    workspace: WorkspaceMessage | None = None
    deps: Path | None = None
    egress: Path | None = None


class OpenSetup(Message):
    """Asks for a session that installs packages: `proxy` is the socket that is its only way out."""

    op: Literal["open_setup"] = "open_setup"
    folder: Path
    result: Path
    proxy: Path


class Attach(Message):
    """Asks for a connection to a session, by the token that `Opened` gave."""

    op: Literal["attach"] = "attach"
    session: Annotated[str, Field(pattern=_TOKEN)]


class Restart(Message):
    """Asks for a fresh persistent bash."""

    op: Literal["restart"] = "restart"


class Close(Message):
    """Asks for the end of the session."""

    op: Literal["close"] = "close"


class Ceilings(Message):
    """`Limits` on the wire."""

    wall_seconds: float = Field(gt=0, le=86_400)
    output_bytes: int = Field(ge=0, le=LONGEST_OUTPUT)
    processes: int = Field(gt=0, le=1 << 20)
    file_bytes: int = Field(ge=0, le=1 << 45)

    @classmethod
    def of(cls, limits: Limits) -> Ceilings:
        """Return these limits as a message. Raises `ValidationError`."""
        return cls(
            wall_seconds=limits.wall_seconds,
            output_bytes=limits.output_bytes,
            processes=limits.processes,
            file_bytes=limits.file_bytes,
        )

    def limits(self) -> Limits:
        """Return the value that sessions take."""
        return Limits(self.wall_seconds, self.output_bytes, self.processes, self.file_bytes)


class Run(Message):
    """Asks for a command in a clean shell. The data is its text, `text` bytes long, and then its standard input."""

    op: Literal["run"] = "run"
    text: int = Field(ge=0, le=LONGEST_ORDER)
    limits: Ceilings
    env: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")], Annotated[str, Field(max_length=65536)]]


class Shell(Message):
    """Asks for a command in the persistent bash. The data is its text."""

    op: Literal["shell"] = "shell"
    limits: Ceilings


class Cancel(Message):
    """Asks for the end of the running command."""

    op: Literal["cancel"] = "cancel"


class Fine(Message):
    """It was done."""

    said: Literal["fine"] = "fine"


class Alive(Message):
    """The runner works. `layers`: it can make overlays in the shared folder."""

    said: Literal["alive"] = "alive"
    layers: bool


class Leaks(Message):
    """The findings of a probe."""

    said: Literal["leaks"] = "leaks"
    leaks: tuple[Annotated[str, Field(max_length=2000)], ...]


class Opened(Message):
    """A session is open. `token` is what its further connections need."""

    said: Literal["opened"] = "opened"
    token: Annotated[str, Field(pattern=_TOKEN)]
    root: Annotated[str, Field(max_length=4096)]


class CommandDone(Message):
    """A command is over; the data is its output."""

    said: Literal["done"] = "done"
    exit_code: int | None
    seconds: float
    timed_out: bool
    flooded: bool
    cancelled: bool

    @classmethod
    def of(cls, ran: Ran) -> CommandDone:
        """Return everything but the output."""
        return cls(
            exit_code=ran.exit_code,
            seconds=ran.seconds,
            timed_out=ran.timed_out,
            flooded=ran.flooded,
            cancelled=ran.cancelled,
        )

    def ran(self, output: bytes) -> Ran:
        """Return the value that sessions give."""
        words = output.decode("utf-8", "replace")
        return Ran(self.exit_code, words, self.seconds, self.timed_out, self.flooded, self.cancelled)


class No(Message):
    """The request failed: `unavailable` (no sandbox can start here), `closed` (the session is), `busy` (too many
    sessions), `refused` (not allowed), `full` (the disk is), or `failed` (a bug of the runner).
    """

    said: Literal["no"] = "no"
    why: Literal["unavailable", "closed", "busy", "refused", "full", "failed"]
    words: Annotated[str, Field(max_length=4000)]


First = Annotated[Ping | Probe | Open | OpenSetup | Attach, Field(discriminator="op")]
Inside = Annotated[Restart | Close, Field(discriminator="op")]
Command = Annotated[Run | Shell | Cancel, Field(discriminator="op")]
Answer = Annotated[Fine | Alive | Leaks | Opened | CommandDone | No, Field(discriminator="said")]

FIRST: TypeAdapter[Ping | Probe | Open | OpenSetup | Attach] = TypeAdapter(First)
INSIDE: TypeAdapter[Restart | Close] = TypeAdapter(Inside)
COMMAND: TypeAdapter[Run | Shell | Cancel] = TypeAdapter(Command)
ANSWER: TypeAdapter[Fine | Alive | Leaks | Opened | CommandDone | No] = TypeAdapter(Answer)


Kind = TypeVar("Kind")


def written(message: Message) -> bytes:
    """Return a message as the header of a frame."""
    return message.model_dump_json().encode("utf-8", "surrogatepass")


def read(kind: TypeAdapter[Kind], header: bytes) -> Kind:
    """Return a header as a message of this kind. Raises `Broken`."""
    try:
        return kind.validate_json(header)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Broken(f"not a message: {'.'.join(map(str, first['loc']))[:100]} {first['type']}") from error
