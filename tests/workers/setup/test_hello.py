"""The name in a client's first TLS message, from real clients and from garbage."""

from __future__ import annotations

import contextlib
import ssl

from hypothesis import given
from hypothesis import strategies as st

from workers.setup import hello


def greeting(name: str | None) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    out = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


def test_a_real_clients_name_is_read() -> None:
    assert hello.server_name(greeting("packages.example.com")) == "packages.example.com"


def test_a_client_without_a_name_has_none() -> None:
    assert hello.server_name(greeting(None)) is None


def test_a_message_cut_short_is_not_complete_and_has_no_name() -> None:
    whole = greeting("packages.example.com")
    assert hello.complete(whole)
    assert [at for at in range(1, len(whole)) if hello.complete(whole[:at]) or hello.server_name(whole[:at])] == []


def test_what_is_not_tls_needs_no_waiting() -> None:
    assert hello.complete(b"GET / HTTP/1.1\r\n")
    assert hello.server_name(b"GET / HTTP/1.1\r\n") is None


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    assert hello.server_name(data) is None or hello.complete(data)


@given(st.integers(0, 300), st.integers(0, 255))
def test_no_changed_byte_breaks_it(at: int, value: int) -> None:
    whole = bytearray(_WHOLE)
    whole[at % len(whole)] = value
    assert hello.server_name(bytes(whole)) is None or isinstance(hello.server_name(bytes(whole)), str)


_WHOLE = greeting("packages.example.com")
