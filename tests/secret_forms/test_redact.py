from __future__ import annotations

import pytest

from bot.secret_forms.redact import MARK, redact

SECRETS = [
    "xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "xapp-1-A0123456789-1234567890123-abcdef0123456789",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "ghs_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "sk-ant-api03-abcdefghijklmnop_qrstuv-wxyz",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "glpat-abcdefghij0123456789",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "key={}", '"{}"', "({})", "a\n{}\nb"])
def test_a_known_kind_of_secret_is_replaced_wherever_it_stands(secret: str, around: str) -> None:
    told = redact(around.format(secret))
    assert secret[8:] not in told
    assert MARK in told


def test_a_private_key_goes_as_a_whole_even_without_its_end() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
    assert redact(f"a {key} b") == f"a {MARK} b"
    assert redact("a -----BEGIN PRIVATE KEY-----\nMIIEow\nIBAAKC") == f"a {MARK}"


def test_headers_addresses_and_assignments_keep_their_names() -> None:
    assert redact("Authorization: Bearer abcdefghijklmnopqrstuvwx") == f"Authorization: Bearer {MARK}"
    assert redact("postgresql://bot:s3cret@db/app") == f"postgresql://bot:{MARK}@db/app"
    assert redact("DB_PASSWORD=hunter2hunter2") == f"DB_PASSWORD={MARK}"


@pytest.mark.parametrize(
    "ordinary",
    [
        "The token is read from the environment.",
        'password = os.environ["DB_PASSWORD"]',
        "secret = settings.signing_secret.get_secret_value()",
        "sha 0123456789abcdef0123456789abcdef01234567",
        "https://github.com/acme/till/pull/7",
        "test_the_access_token_expires PASSED",
    ],
)
def test_ordinary_text_stays(ordinary: str) -> None:
    assert redact(ordinary) == ordinary


@pytest.mark.parametrize("piece", ["-----BEGIN PRIVATE KEY-----", "secret=", "a:", "https://"])
def test_long_hostile_text_comes_back(piece: str) -> None:
    """A pattern that backtracks without bound would never return from this."""
    hostile = piece * 10_000
    assert len(redact(hostile)) <= len(hostile) * 2
