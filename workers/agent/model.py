"""Claude through the Messages API: one streamed reply per call.

Law: the only file that imports anthropic, and it never retries: the caller decides when to ask again. Importing
anthropic takes seconds and 100 MB, and a worker of the talk lane never uses it: so it is imported by what uses it.
"""

from __future__ import annotations

import importlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import httpx2

from bot.domain.change import Usage
from workers import ClaimLost
from workers.agent import Block, Reply, api_errors, prices
from workers.agent.caching import HOUR, MINUTES, marked
from workers.agent.progress import Thoughts

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import Message

Effort = Literal["low", "medium", "high", "xhigh", "max"]
SCRIPTED = "x-shipmate-scripted"
POLL_SECONDS = 0.25
PROGRESS_SECONDS = 2.0
"""Between two lines of progress: thinking comes a sentence at a time, several a second."""
QUIET_SECONDS = 300.0
"""How long the service may be silent within a reply; it sends pings while it thinks."""
WINDOW = 200_000
"""Tokens of input, of a model that cannot be asked about."""

_Request = dict[str, Any]
_Inbox = queue.SimpleQueue[str | Reply | Exception]
_Read = TypeVar("_Read")


def load_client() -> None:
    """Import what every call needs, as a process does at its start that is going to call."""
    importlib.import_module("anthropic")


class ClaudeModel:
    """Implements `Model`. Safe to share between threads. `base_url` None means Anthropic's own."""

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str = "claude-opus-5-5",
        max_tokens: int = 32_000,
        effort: Effort | None = None,
    ) -> None:
        self.name = model
        self._max_tokens = max_tokens
        self._effort = effort
        self._window: int | None = None
        self._api_key = api_key
        self._base_url = base_url or "https://api.anthropic.com"

    @cached_property
    def _client(self) -> anthropic.Anthropic:
        import anthropic

        return anthropic.Anthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            max_retries=0,
            timeout=anthropic.Timeout(QUIET_SECONDS, connect=10.0),
        )

    def turn(
        self,
        system: str,
        tools: list[Block],
        messages: list[Block],
        on_progress: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> Reply:
        """Return the next reply. Raises `TryAgain`, `GiveUp`, or `ClaimLost` within half a second of `cancelled()`."""
        return self._ask(self._request(system, tools, messages), on_progress, cancelled)

    def structured(
        self, system: str, messages: list[Block], schema: Mapping[str, object], cancelled: Callable[[], bool]
    ) -> Reply:
        """Return a reply without tools whose text is JSON of `schema` (without ranges). Raises what `turn` raises."""
        output: dict[str, object] = {"format": {"type": "json_schema", "schema": schema}}
        if self._effort:
            output["effort"] = self._effort
        request = {
            "model": self.name,
            "max_tokens": self._max_tokens,
            "system": [{"type": "text", "text": system, "cache_control": MINUTES}],
            "messages": messages,
            "output_config": output,
        }
        return self._ask(request, lambda _line: None, cancelled)

    def _ask(self, request: _Request, on_progress: Callable[[str], None], cancelled: Callable[[], bool]) -> Reply:
        inbox: _Inbox = queue.SimpleQueue()
        call = _Call(self._client, request, inbox)
        threading.Thread(target=call.run, name="claude", daemon=True).start()
        # A blocked read cannot be interrupted from within, hence the thread: this side stays free to notice a Stop.
        shown, line = 0.0, ""
        while True:
            item: str | Reply | Exception
            try:
                item = inbox.get(timeout=POLL_SECONDS)
            except queue.Empty:
                item = line
            if isinstance(item, Reply):
                return item
            if isinstance(item, Exception):
                raise item
            if cancelled():
                call.abandon()
                raise ClaimLost("stopped while the model was answering")
            line = item
            if line and time.monotonic() - shown >= PROGRESS_SECONDS:
                on_progress(line)
                shown, line = time.monotonic(), ""

    def is_scripted(self) -> bool:
        """Return whether a stand-in answers. Asks for the model's description, so it also proves the key.

        A gateway that has no descriptions (404) is no stand-in. Raises `TryAgain` or `GiveUp` as `turn` does.
        """
        import anthropic

        try:
            return SCRIPTED in self._client.models.with_raw_response.retrieve(self.name).headers
        except anthropic.NotFoundError as error:
            return SCRIPTED in error.response.headers
        except Exception as error:
            raise _fault(error, received=False) from error

    def window(self) -> int:
        """See the protocol. The service is asked once; where it does not answer, again at the next call."""
        import anthropic

        if self._window is None:
            try:
                self._window = self._client.models.retrieve(self.name, timeout=10.0).max_input_tokens or WINDOW
            except (anthropic.APIError, httpx2.HTTPError, ValueError):
                return WINDOW
        return self._window

    def _request(self, system: str, tools: list[Block], messages: list[Block]) -> _Request:
        request: _Request = {
            "model": self.name,
            "max_tokens": self._max_tokens,
            "system": [{"type": "text", "text": system, "cache_control": HOUR}],
            "tools": tools,
            "messages": marked(messages),
            "thinking": {"type": "adaptive", "display": "summarized"},
            "cache_control": MINUTES,
        }
        if self._effort:
            request["output_config"] = {"effort": self._effort}
        return request


class _Call:
    """One request in its own thread; everything it has to say goes through `inbox`, the reply or failure last."""

    def __init__(self, client: anthropic.Anthropic, request: _Request, inbox: _Inbox) -> None:
        self._client = client
        self._request = request
        self._inbox = inbox
        self._response: httpx2.Response | None = None
        self._received = False
        self._abandoned = False

    def run(self) -> None:
        try:
            self._inbox.put(self._stream())
        except Exception as error:
            self._inbox.put(_fault(error, received=self._received))

    def abandon(self) -> None:
        """Nobody waits any more: cut the connection, so that nothing more is generated and the thread ends."""
        self._abandoned = True
        stream = self._response.extensions.get("network_stream") if self._response is not None else None
        raw = stream.get_extra_info("socket") if stream is not None else None
        if raw is not None:
            try:
                raw.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def _stream(self) -> Reply:
        thoughts = Thoughts()
        with self._client.messages.stream(**self._request) as stream:
            self._response = stream.response
            for event in self._events(stream):
                if self._abandoned:
                    raise api_errors.dropped("nobody waited for it")
                if event.type == "content_block_delta" and event.delta.type == "thinking_delta":
                    for line in thoughts.add(event.delta.thinking):
                        self._inbox.put(line)
                elif event.type == "content_block_stop":
                    for line in thoughts.end():
                        self._inbox.put(line)
            if not self._received:
                raise api_errors.dropped("it was empty")
            return self._readable(lambda: _reply(stream.get_final_message(), stream.response.headers))

    def _events(self, stream: Iterator[_Read]) -> Iterator[_Read]:
        while True:
            event = self._readable(lambda: next(stream, None))
            if event is None:
                return
            self._received = True
            yield event

    def _readable(self, read: Callable[[], _Read]) -> _Read:
        """Return what the client reads from the reply. It trusts order and members of what it is sent; we do not."""
        try:
            return read()
        except (LookupError, AttributeError, TypeError, RuntimeError, AssertionError) as odd:
            raise api_errors.dropped("it could not be read") from odd


def _reply(message: Message, headers: httpx2.Headers) -> Reply:
    if message.stop_reason is None:
        raise api_errors.dropped("it ended early")
    usage = _usage(message)
    if message.stop_reason == "refusal":
        raise api_errors.refused(message.stop_details.category if message.stop_details else None, usage)
    if message.stop_reason == "model_context_window_exceeded":
        raise api_errors.TooLong(usage)
    # The dump is the one the client itself makes of a reply that is sent back. Empty text would be refused there.
    blocks = (
        block.model_dump(
            mode="json",
            exclude_unset=True,
            by_alias=True,
            exclude=getattr(block, "__api_exclude__", None),
            warnings=False,
        )
        for block in message.content
    )
    content = tuple(block for block in blocks if block.get("type") != "text" or block.get("text", "").strip())
    request_id = cast(str, headers.get("request-id", ""))
    return Reply(content, message.stop_reason, usage, request_id, message.model, SCRIPTED in headers)


def _usage(message: Message) -> Usage:
    used = message.usage
    read, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    hour = (used.cache_creation.ephemeral_1h_input_tokens or 0) if used.cache_creation else 0
    cost = prices.micros(message.model, used.input_tokens, read, written - hour, hour, used.output_tokens)
    return Usage(
        turns=1,
        input_tokens=used.input_tokens,
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=used.output_tokens,
        micros=cost,
    )


def _fault(error: Exception, *, received: bool) -> Exception:
    """Return the two kinds, with their cause; anything else is handed back as it is, since it is a bug of ours."""
    fault = _kind(error, received)
    if fault is not error:
        fault.__cause__ = error
    return fault


def _seconds(headers: httpx2.Headers) -> str | None:
    """Return what `retry-after` says, in seconds also where it names a moment."""
    said = headers.get("retry-after")
    try:
        return str(parsedate_to_datetime(said or "").timestamp() - time.time())
    except (ValueError, OverflowError):
        return said


def _kind(error: Exception, received: bool) -> Exception:
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        retry_after = _seconds(error.response.headers)
        said = error.api_message or error.message
        return api_errors.fault(error.status_code, error.type, error.error_code, retry_after, said)
    if isinstance(error, anthropic.APIConnectionError | httpx2.TransportError):
        return api_errors.dropped(type(error).__name__) if received else api_errors.unreachable(type(error).__name__)
    if isinstance(error, anthropic.APIError | json.JSONDecodeError) or (received and isinstance(error, ValueError)):
        return api_errors.dropped("it could not be read")
    return error
