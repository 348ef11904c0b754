"""The name in a client's first TLS message, from real clients and from garbage."""

from __future__ import annotations

import contextlib
import ssl

from hypothesis import given
from hypothesis import strategies as st

from workers.egress import hello


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


def extended(*extensions: bytes) -> bytes:
    """The first message of a client whose only extensions are these."""
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + sized(b"".join(extensions))
    return b"\x16\3\1" + sized(b"\1" + len(body).to_bytes(3, "big") + body)


def sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def named(*names: bytes) -> bytes:
    return b"\0\0" + sized(sized(b"".join(b"\0" + sized(name) for name in names)))


def test_a_message_with_two_names_has_none() -> None:
    assert hello.server_name(extended(named(b"packages.example"))) == "packages.example"
    assert hello.server_name(extended(named(b"packages.example"), named(b"elsewhere.example"))) is None
    assert hello.server_name(extended(named(b"packages.example", b"elsewhere.example"))) is None


def test_a_name_beside_an_encrypted_one_is_not_believed() -> None:
    encrypted = b"\xfe\x0d" + sized(b"\0 what only the host behind the address can read")
    assert hello.server_name(extended(named(b"packages.example"), encrypted)) is None


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    assert hello.server_name(data) is None or hello.complete(data)


@given(st.integers(0, 300), st.integers(0, 255))
def test_no_changed_byte_breaks_it(at: int, value: int) -> None:
    whole = bytearray(_WHOLE)
    whole[at % len(whole)] = value
    assert hello.server_name(bytes(whole)) is None or isinstance(hello.server_name(bytes(whole)), str)


_WHOLE = greeting("packages.example.com")
