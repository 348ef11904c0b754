"""The proxy: which hosts it reaches, and what it tells of those it does not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from workers.egress import RefusedHost, Sources, hello
from workers.egress.hosts import reachable
from workers.egress.proxy import NOT_LISTED, NOT_PUBLIC, Caps, Egress


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets."""
    server = socket.create_server(("127.0.0.1", 0))
    open_ = [server]

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            open_.append(client)
            threading.Thread(target=repeat, args=(client,), daemon=True).start()

    def repeat(client: socket.socket) -> None:
        try:
            while piece := client.recv(65536):
                client.sendall(piece)
                if b"Connection: close" in piece:  # as a web server: it answers one request, and hangs up
                    client.settimeout(0.3)
            client.shutdown(socket.SHUT_WR)
        except TimeoutError:
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    for one in open_:
        one.close()


def ask(proxy: Egress, head: str, then: bytes = b"", *, finish: bool = True) -> bytes:
    """Everything the proxy answers to a request and, once it is through, to more bytes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(proxy.socket))
        client.sendall(head.encode())
        if not head.startswith("CONNECT"):
            client.shutdown(socket.SHUT_WR)
        got = b""
        while b"\r\n\r\n" not in got and (piece := client.recv(65536)):
            got += piece
        try:  # a proxy that has had enough hangs up, whether we are still sending or not
            if got.startswith(b"HTTP/1.1 200") and then:
                client.sendall(then)
                if finish:
                    client.shutdown(socket.SHUT_WR)
            while piece := client.recv(65536):
                got += piece
        except OSError:
            pass
        return got


def connect(host: str) -> str:
    return f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"


def greeting(name: str) -> bytes:
    out = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


def test_a_listed_local_host_is_reached(echo: int) -> None:
    with Egress(Sources(local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        got = ask(proxy, connect(f"127.0.0.1:{echo}"), b"hello there")
    assert got == b"HTTP/1.1 200 Connection established\r\n\r\nhello there"
    assert proxy.refused() == ()


@pytest.mark.parametrize(
    "asked",
    [
        "elsewhere.example:443",
        "127.0.0.1:1",
        "packages.example:22",
        "packages.example.evil:443",
        "xpackages.example:443",
    ],
)
def test_a_host_that_is_not_listed_is_refused_and_counted(asked: str) -> None:
    with Egress(Sources(hosts=("packages.example",), local_hosts=("127.0.0.1:9",))) as proxy:
        answers = [ask(proxy, connect(asked)) for _ in range(3)]
    assert all(answer.startswith(b"HTTP/1.1 403") for answer in answers)
    assert proxy.refused() == (RefusedHost(asked.removesuffix(":443"), NOT_LISTED, 3),)


def test_a_listed_host_at_a_private_address_is_refused_unless_it_is_called_local(echo: int) -> None:
    with Egress(Sources(hosts=(f"localhost:{echo}",))) as proxy:
        answer = ask(proxy, connect(f"localhost:{echo}"))
    assert answer.startswith(b"HTTP/1.1 403")
    assert proxy.refused() == (RefusedHost("localhost", NOT_PUBLIC, 1),)


@pytest.mark.parametrize(
    ("address", "public", "local"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("10.0.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("2002:7f00:1::", False, True),
        ("100.64.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("::127.0.0.1", False, True),
        ("::169.254.169.254", False, False),
        ("::ffff:0:7f00:1", False, True),
        ("64:ff9b:1::7f00:1", False, True),
        ("64:ff9b:1::5db8:d822", False, True),
        ("64:ff9b:1::a9fe:a9fe", False, False),
        ("64:ff9b::5db8:d822", True, True),
        ("fec0::1", False, True),
        ("168.63.129.16", False, False),
        ("::ffff:168.63.129.16", False, False),
        ("100.100.100.200", False, False),
        ("fd00:ec2::254", False, False),
    ],
)
def test_addresses(address: str, public: bool, local: bool) -> None:
    assert reachable(address, local=False) is public
    assert reachable(address, local=True) is local


def test_another_name_behind_the_same_address_is_refused(echo: int) -> None:
    place = f"localhost:{echo}"
    with Egress(Sources(local_hosts=(place,))) as proxy:
        honest = ask(proxy, connect(place), greeting("localhost"))
        fronted = ask(proxy, connect(place), greeting("elsewhere.example"))
        nameless = ask(proxy, connect(place), b"SSH-2.0-client\r\n")
    assert hello.server_name(honest.partition(b"\r\n\r\n")[2]) == "localhost"
    assert b"elsewhere.example" not in fronted
    assert b"SSH" not in nameless
    assert proxy.refused() == (RefusedHost("localhost", "was asked for, but another name was used", 2),)


def test_plain_http_is_for_local_hosts_and_for_reading(echo: int) -> None:
    with Egress(Sources(hosts=("packages.example:80",), local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        read = ask(
            proxy, f"GET http://127.0.0.1:{echo}/simple/?q=1 HTTP/1.1\r\nProxy-Token: x\r\nAccept: a\r\n\r\n", b""
        )
        sent = ask(proxy, f"POST http://127.0.0.1:{echo}/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        public = ask(proxy, "GET http://packages.example/ HTTP/1.1\r\n\r\n")
    assert (
        read
        == f"GET /simple/?q=1 HTTP/1.1\r\nHost: 127.0.0.1:{echo}\r\nAccept: a\r\nConnection: close\r\n\r\n".encode()
    )
    assert sent.startswith(b"HTTP/1.1 405")
    assert public.startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize(
    "more",
    [
        "Host: internal.example\r\n\r\n",
        "Host: internal.example\r\nHost: other.example\r\n\r\n",
        "Content-Length: 0\r\n\r\nPOST /admin HTTP/1.1\r\nHost: internal.example\r\n\r\n",
        "Content-Length: 60\r\nExpect: 100-continue\r\n\r\nGET /admin HTTP/1.1\r\nHost: internal.example\r\n\r\n",
    ],
)
def test_a_plain_request_names_its_own_host_and_nothing_follows_it(echo: int, more: str) -> None:
    with Egress(Sources(local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        got = ask(proxy, f"GET http://127.0.0.1:{echo}/x HTTP/1.1\r\n{more}")
    assert got == f"GET /x HTTP/1.1\r\nHost: 127.0.0.1:{echo}\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize(
    "field",
    [
        *("Connection: x\r\n Host: y", "A: b\nHost: y", "A: b\rHost: y", "Transfer-Encoding: chunked"),
        *("A : b", "no field", "A: \0", "\tfolded: x"),
    ],
)
def test_a_plain_request_that_can_be_read_in_two_ways_is_refused(echo: int, field: str) -> None:
    with Egress(Sources(local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        got = ask(proxy, f"GET http://127.0.0.1:{echo}/x HTTP/1.1\r\n{field}\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 400")
    assert proxy.refused() == (RefusedHost("127.0.0.1", "was asked in a way that is not allowed", 1),)


@pytest.mark.parametrize(
    "head",
    ["\r\n\r\n", "CONNECT\r\n\r\n", "CONNECT a b c\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "CONNECT [::1 HTTP/1.1\r\n\r\n"],
)
def test_a_malformed_request_is_refused(head: str) -> None:
    with Egress(Sources(hosts=("packages.example",))) as proxy:
        assert ask(proxy, head).startswith((b"HTTP/1.1 403", b"HTTP/1.1 405"))


def test_an_endless_head_is_cut(echo: int) -> None:
    with Egress(Sources(local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        assert ask(proxy, f"CONNECT 127.0.0.1:{echo} HTTP/1.1\r\nA: {'a' * 70_000}\r\n") == b""
        assert ask(proxy, connect(f"127.0.0.1:{echo}"), b"still here").endswith(b"still here")


def test_sending_much_is_cut_off(echo: int) -> None:
    place = f"127.0.0.1:{echo}"
    with Egress(Sources(local_hosts=(place,)), Caps(sent_bytes=1000)) as proxy:
        got = ask(proxy, connect(place), b"x" * 300_000, finish=False)
    assert len(got) < 2000
    assert RefusedHost("127.0.0.1", "was sent too much", 1) in proxy.refused()


def test_connections_are_counted(echo: int) -> None:
    place = f"127.0.0.1:{echo}"
    with Egress(Sources(local_hosts=(place,)), Caps(connections=2)) as proxy:
        answers = [ask(proxy, connect(place), b"x")[:12] for _ in range(3)]
    assert answers == [b"HTTP/1.1 200", b"HTTP/1.1 200", b"HTTP/1.1 429"]


def test_time_is_limited(echo: int) -> None:
    place = f"127.0.0.1:{echo}"
    with Egress(Sources(local_hosts=(place,)), Caps(seconds=0.3)) as proxy:
        got = ask(proxy, connect(place), b"x", finish=False)
    assert got.endswith(b"x")


def test_names_are_made_harmless_before_they_are_shown() -> None:
    with Egress(Sources()) as proxy:
        ask(proxy, "CONNECT <!channel>\x1b[31m:443 HTTP/1.1\r\n\r\n")
        for at in range(60):
            ask(proxy, connect(f"host-{at}.example:443"))
    shown = {one.host for one in proxy.refused()}
    assert "??channel???31m:443" in shown
    assert len(shown) == 41


def test_nothing_is_left_when_it_ends(echo: int) -> None:
    with Egress(Sources(local_hosts=(f"127.0.0.1:{echo}",))) as proxy:
        folder = proxy.socket.parent
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
