"""The runner's server: it opens sandboxes for allowed users, one session per connection.

Law: when a connection ends, for any reason, its session is closed. An invalid message ends the connection; nothing is
guessed.
"""

from __future__ import annotations

import errno
import logging
import secrets
import socket
import threading
from collections.abc import Callable

from workers.sandbox import Ran, SandboxUnavailable, Session, overlay
from workers.sandbox.runner import messages
from workers.sandbox.runner.messages import (
    Alive,
    Attach,
    Close,
    CommandDone,
    Fine,
    Leaks,
    Message,
    No,
    Open,
    Opened,
    OpenSetup,
    Ping,
    Probe,
    Restart,
    Run,
    Shell,
)
from workers.sandbox.runner.shared import PLACES, NotShared, Shared
from workers.sandbox.runner.wire import LONGEST_ORDER, Broken, Connection
from workers.sandbox.runner.workspaces import SessionFactory, opened

MOST_SESSIONS = 400
MOST_LINES = 1600
_FIRST_SECONDS = 10.0
_LEAVE_SECONDS = 10.0
_WORDS = 4000

log = logging.getLogger("runner")


class _Held:
    """A session that is open, and whether it still is."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.closed = False

    def close(self) -> Message:
        self.closed = True
        self.session.close()
        return Fine()

    def restart(self) -> Message:
        self.session.restart()
        return Fine()


class Server:
    """Serves until `stop`. `peers` are the user ids that may connect."""

    def __init__(
        self, boxes: SessionFactory, shared: Shared, peers: frozenset[int], most_sessions: int = MOST_SESSIONS
    ) -> None:
        self._boxes = boxes
        self._shared = shared
        self._peers = peers
        self._most = most_sessions
        self._change = threading.Condition()
        self._sessions: dict[str, _Held] = {}
        self._connections: set[Connection] = set()
        self._holding = 0
        self._stopping = False

    def serve(self, listener: socket.socket) -> None:
        """Accept connections of a listening socket until it is shut down."""
        while True:
            try:
                link, _ = listener.accept()
            except OSError as error:
                if self._stopping:
                    return
                log.warning("no connection could be accepted: %s", error.strerror)
                threading.Event().wait(0.2)  # out of descriptors: no event says when one is free again
                continue
            connection = Connection(link)
            with self._change:
                welcome = len(self._connections) < MOST_LINES and not self._stopping
                if welcome:
                    self._connections.add(connection)
            if welcome:
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()
            else:
                connection.close()

    def stop(self) -> None:
        """End every connection, and wait until its session is closed."""
        with self._change:
            self._stopping = True
            for connection in self._connections:
                connection.shut()
            self._change.wait_for(lambda: not self._holding, _LEAVE_SECONDS)

    def _attend(self, connection: Connection) -> None:
        try:
            pid, uid = connection.peer()
            if uid not in self._peers:
                log.warning("refused a connection of user %d (process %d)", uid, pid)
                return
            self._begin(connection)
        except Broken as broken:
            log.debug("a connection ended: %s", broken)
        except Exception:  # a failed connection must not end the others
            log.exception("a connection failed")
        finally:
            with self._change:
                self._connections.discard(connection)
            connection.shut()
            connection.close()

    def _begin(self, connection: Connection) -> None:
        found = connection.receive(_FIRST_SECONDS, 0)
        if found is None:
            return
        match messages.read(messages.FIRST, found[0]):
            case Ping():
                _say(connection, answered(lambda: Alive(layers=overlay.works(self._shared.root / PLACES))))
            case Probe():
                _say(connection, answered(lambda: Leaks(leaks=tuple(leak[:2000] for leak in self._boxes.probe()))))
            case Attach() as attach:
                with self._change:
                    held = self._sessions.get(attach.session)
                _say(connection, Fine() if held else No(why="closed", words="there is no such session"))
                if held:
                    _obey(connection, held)
            case Open() | OpenSetup() as wish:
                with self._change:
                    full = self._holding >= self._most
                    self._holding += not full
                if full:
                    _say(connection, No(why="busy", words=f"the runner has {self._most} sessions already"))
                    return
                try:
                    self._hold(connection, wish)
                finally:
                    with self._change:
                        self._holding -= 1
                        self._change.notify_all()

    def _hold(self, connection: Connection, wish: Open | OpenSetup) -> None:
        """Open a session and keep it for as long as its connection lasts."""
        token = secrets.token_hex(16)

        def attempt() -> Message:
            session = opened(self._boxes, self._shared, wish)
            with self._change:
                self._sessions[token] = _Held(session)
            return Opened(token=token, root=session.root)

        try:
            _say(connection, answered(attempt))
            held = self._sessions.get(token)
            while held is not None and (found := connection.receive(None, 0)) is not None:
                match messages.read(messages.INSIDE, found[0]):
                    case Restart():
                        _say(connection, answered(held.restart))
                    case Close():
                        _say(connection, answered(held.close))
        finally:
            with self._change:
                left = self._sessions.pop(token, None)
            if left is not None:
                left.close()


def _obey(connection: Connection, held: _Held) -> None:
    """Run the commands that come over one connection, one after the other."""
    while (found := connection.receive(None, LONGEST_ORDER)) is not None:
        command, data = messages.read(messages.COMMAND, found[0]), found[1]
        if not isinstance(command, Run | Shell):
            continue  # the command to cancel has ended already
        output: list[bytes] = []

        def attempt(command: Run | Shell = command, data: bytes = data, output: list[bytes] = output) -> Message:
            ran = _ran(command, data, held.session, _Watch(connection).unwanted)
            output.append(ran.output.encode("utf-8", "replace"))
            return CommandDone.of(ran)

        _say(connection, answered(attempt, held), *output)


def _ran(command: Run | Shell, data: bytes, session: Session, cancelled: Callable[[], bool]) -> Ran:
    limits = command.limits.limits()
    if isinstance(command, Shell):
        return session.shell(_text(data), limits=limits, cancelled=cancelled)
    words, stdin = data[: command.text], data[command.text :]
    return session.run(_text(words), limits=limits, stdin=stdin or None, env=command.env, cancelled=cancelled)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class _Watch:
    """Checks, while a command runs, that the other side of its connection still wants it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ended = False

    def unwanted(self) -> bool:
        """Return whether the other side cancelled, is gone, or sent an unexpected message."""
        try:
            if not self._ended and self._connection.waiting(0):
                self._ended = True
                found = self._connection.receive(0, 0)
                if found is not None:
                    messages.read(messages.COMMAND, found[0])
        except Broken:
            self._connection.shut()
        return self._ended


def answered(attempt: Callable[[], Message], held: _Held | None = None) -> Message:
    """Return the result of `attempt` as a message, also if it fails."""
    try:
        return attempt()
    except SandboxUnavailable as missing:
        return No(why="unavailable", words=str(missing)[:_WORDS])
    except NotShared as refused:
        log.warning("refused: %s", refused)
        return No(why="refused", words=str(refused)[:_WORDS])
    except Exception as fault:
        if held is not None and held.closed:
            return No(why="closed", words="this sandbox session is closed")
        if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}:
            return No(why="full", words="no space is left on the disk of the runner")
        log.exception("a request failed")
        return No(why="failed", words=f"{type(fault).__name__}: {fault}"[:_WORDS])


def _say(connection: Connection, message: Message, data: bytes = b"") -> None:
    connection.send(messages.written(message), data)
