"""Secrets that may not enter a history, and what only looks like them."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest

from tests.workers.guards.looking import added, edited, look
from workers.guards.secrets import configured

MIXED = "q7Xv2Lr9Tz4Wk8Bn3Yp6Hd1Jm5Gs0Fc"
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n" * 4
TOKENS = {
    "anthropic": "sk-ant-" + "api03-" + MIXED,
    "slack": "xox" + "b-1234567890-" + MIXED,
    "github": "ghp_" + "a1B2" * 9,
    "fine": "github_pat_" + MIXED * 2,
    "aws": "AKI" + "AQ7XV2LR9TZ4WK8BN",
    "google": "AIza" + "SyD0" + MIXED,
    "gitlab": "glpat-" + MIXED[:20],
    "stripe": "sk_" + "live_" + MIXED[:24],
    "openai": "sk-" + "proj-" + MIXED * 2,
    "npm": "npm_" + MIXED + "aB3dE",
    "pypi": "pypi-" + "AgEIcHlwaS5vcmc" + MIXED * 2,
    "sendgrid": "SG." + MIXED[:22] + "." + (MIXED * 2)[:43],
    "jwt": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0." + MIXED,
    "webhook": "https://hooks.slack" + ".com/services/T0AB/B0CD/" + MIXED,
    "url": "postgres://" + "app:" + MIXED[:16] + "@db.prod.acme.io/app",
    "telegram": "123456789:" + "AA" + (MIXED * 2)[:33],
}


@pytest.mark.parametrize("kind", sorted(TOKENS))
@pytest.mark.parametrize("path", ["config.py", "deploy/prod.env", "src/app.ts", "settings.yml", "README.md"])
def test_a_key_of_a_kind_we_know_is_blocked_and_not_repeated(kind: str, path: str) -> None:
    found = look({}, {path: f"VALUE = '{TOKENS[kind]}'\n"})
    assert {(one.rule, one.level) for one in found} == {("secret", "block")}
    assert not any(TOKENS[kind] in one.words or MIXED[:8] in one.words for one in found)


@pytest.mark.parametrize(
    "head", ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
)
def test_a_private_key_is_blocked(head: str) -> None:
    assert "secret" in added("src/keys.py", f'KEY = """-----BEGIN {head}-----\n{BODY}-----END {head}-----"""\n')
    escaped = BODY.replace("\n", "\\n")
    assert "secret" in added("src/keys.json", f'{{"key": "-----BEGIN {head}-----\\n{escaped}-----END {head}-----"}}\n')


@pytest.mark.parametrize(
    "line",
    [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "password = 'changeme'",
        "password = os.environ['DB_PASSWORD']",
        "api_key = settings.API_KEY",
        "token: ${{ secrets.TOKEN }}",
        "API_KEY=your-api-key-here-123456",
        "DATABASE_URL = 'postgres://user:password@localhost/db'",
        "TOKEN = 'xxxxxxxxxxxxxxxxxxxxxxxx'",
        "if text.startswith('-----BEGIN PRIVATE KEY-----'):",
        "token = request.headers['Authorization']",
        "url = f'https://{user}:{word}@{host}/'",
        "SECRET_KEY = get_random_secret_key()",
        "password_hash = generate_password_hash(password, 'pbkdf2:sha256:150000')",
        "commit = '3f786850e387550fdab836ed7e6dc881de23001b'",
        "sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
        "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "const tokenTypeIdentifier2 = 'keyword_operator_assign2'",
    ],
)
@pytest.mark.parametrize("path", ["config.py", "settings.yml", "app.js", "deploy.env"])
def test_what_only_looks_like_a_secret_is_no_finding(path: str, line: str) -> None:
    assert added(path, f"{line}\n") == set()


@pytest.mark.parametrize(
    "line",
    [
        "TOKEN = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'",
        "password = 'S3cret-Passw0rd-99'",
        "http://user:pass@complex.url.com/path",
        "key = 'sk-ant-test-1234567890abcdef'",
        "SLACK = 'xoxb-fake-token-1234567890'",
    ],
)
def test_made_up_keys_in_tests_are_no_finding(line: str) -> None:
    assert added("tests/test_auth.py", f"{line}\n") == set()


@pytest.mark.parametrize(
    "line",
    [
        "password = 'kX9$vQ2mL7pR4t'",
        "client_secret: '9fK2mX7vQ4pL8tR3wZ6n'",
        "apiKey: 'a8f5f167f44f4964e6c998dee827110c',",
    ],
)
def test_a_named_random_value_is_blocked(line: str) -> None:
    assert "secret" in added("src/settings.py", f"{line}\n")


def test_what_the_file_held_already_does_not_block() -> None:
    line = f"KEY = '{TOKENS['stripe']}'\n"
    assert edited("src/a.py", line, f"# now\n{line}") == set()
    assert edited("src/a.py", line, line.replace("KEY", "OTHER")) == set()


OWN = "Zq8-vault/pass+word=42xyz"
SPELLINGS = {
    "raw": OWN,
    "base64": base64.b64encode(OWN.encode()).decode(),
    "within": base64.b64encode(f"xy{OWN}zz".encode()).decode(),
    "url-safe": base64.urlsafe_b64encode(f"?{OWN}".encode()).decode(),
    "hex": OWN.encode().hex(),
    "HEX": OWN.encode().hex().upper(),
    "reversed": OWN[::-1],
    "newlines": "\n".join(OWN),
    "pieces": '" + "'.join([OWN[:9], OWN[9:17], OWN[17:]]),
    "colons": OWN.encode().hex(":"),
    "escapes": "".join(f"\\x{one:02x}" for one in OWN.encode()),
    "upper": OWN.upper(),
    "base32": base64.b32encode(OWN.encode()).decode(),
    "twice": base64.b64encode(base64.b64encode(OWN.encode())).decode(),
    "wrapped": "\n".join(base64.b64encode(OWN.encode()).decode()[at : at + 8] for at in range(0, 40, 8)),
    "reversed base64": base64.b64encode(OWN[::-1].encode()).decode(),
    "codes": ", ".join(str(one) for one in OWN.encode()),
}


@pytest.mark.parametrize("spelling", sorted(SPELLINGS))
def test_a_secret_of_this_installation_is_blocked_however_it_is_spelled(spelling: str) -> None:
    body = f"first line\nx = '{SPELLINGS[spelling]}'\n"
    assert "own-secret" in added("tests/notes.txt", body, (OWN,))
    assert "own-secret" not in added("tests/notes.txt", body, ("another-value-77",))
    assert configured.holds(configured.needles((OWN,)), body)


def test_a_secret_of_this_installation_in_a_path_or_a_binary_file_is_blocked() -> None:
    secret = "hunter-value-99"
    assert "own-secret" in added(f"docs/{secret}.md", "x\n", (secret,))
    assert "own-secret" in added("x.bin", b"\0\1" + secret.encode("utf-16-le"), (secret,))


def test_short_configured_values_are_not_looked_for() -> None:
    assert added("a.txt", "prod main\n", ("main", "prod", "")) == set()


def test_a_value_on_the_base_commits_own_list_may_pass_and_no_other() -> None:
    allow = f'[secrets]\nallow = ["{TOKENS["stripe"]}", "sha256:{sha256(TOKENS["npm"].encode()).hexdigest()}"]\n'
    text = "".join(f"VALUE = '{TOKENS[kind]}'\n" for kind in ("stripe", "npm", "github"))
    found = look({}, {"config.py": text}, also={".shipmate.toml": allow})
    assert [(one.words.split(" ")[2], one.passable) for one in found] == [("3", False), ("1", True), ("2", True)]
    assert all(one.level == "block" for one in found)
    own = look({}, {"config.py": text, ".shipmate.toml": allow})
    assert not any(one.passable for one in own)


def test_what_nobody_named_is_not_hidden_by_what_somebody_did_on_the_same_line() -> None:
    allow = f'[secrets]\nallow = ["{TOKENS["stripe"]}"]\n'
    text = f"A, B = '{TOKENS['stripe']}', '{TOKENS['github']}'\n"
    assert [one.passable for one in look({}, {"config.py": text}, also={".shipmate.toml": allow})] == [False]


def test_many_public_keys_hide_no_secret() -> None:
    dsn = "https://4c9e71b8d20f46a3b5e817c2d93f60a{}@o41.ingest.sentry.io/5271"
    text = "".join(f"a{at} = '{dsn.format(at)}'\n" for at in range(9)) + f"key = '{TOKENS['github']}'\n"
    assert added("config.py", text) == {"secret", "secret-public"}


def test_a_key_for_browsers_holds_and_the_same_form_elsewhere_is_blocked() -> None:
    key = TOKENS["google"]
    web = f'const app = initializeApp({{ apiKey: "{key}", authDomain: "x.firebaseapp.com" }});\n'
    assert added("src/app.ts", web) == {"secret-public"}
    assert added("src/app.ts", f'const apiKey = "{key}";\n') == {"secret"}
    assert added("src/pay.ts", 'const api_key = "pk_' + f'live_{MIXED[:24]}";\n') == {"secret-public"}
