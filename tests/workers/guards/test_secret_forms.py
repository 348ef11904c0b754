"""Secrets by their kind, by where they stand, in pieces and encoded; and what only looks like one."""

from __future__ import annotations

import base64
import random
import string

import pytest

from tests.workers.guards.looking import added

_CHANCE = random.Random(7)
LETTERS = string.ascii_letters + string.digits


def word(size: int, signs: str = LETTERS) -> str:
    """Random letters, the same in every run; nothing in this file is a secret."""
    return "".join(_CHANCE.choice(signs) for _ in range(size))


HEX = "0123456789abcdef"
TOKEN = "ghp_" + word(36)
KEY = "\n".join(["-----BEGIN PRIVATE KEY-----", *(word(64) for _ in range(8)), "-----END PRIVATE KEY-----", ""])


@pytest.mark.parametrize(
    "value",
    [
        "pplx-" + word(48), "r8_" + word(37), "xai-" + word(80), "sk-or-v1-" + word(64, HEX), "nfp_" + word(36),
        "figd_" + word(40), "PMAK-" + word(24, HEX) + "-" + word(34, HEX), "pul-" + word(40, HEX),
        "dp.pt." + word(43), "ATBB" + word(32), "AKCp" + word(69), "CFPAT-" + word(43), "tskey-auth-" + word(40),
        "lsv2_pt_" + word(32, HEX) + "_" + word(10, HEX), "bkua_" + word(40, HEX), "CLOJARS_" + word(60, HEX),
        "pat" + word(14) + "." + word(64, HEX), "duffel_live_" + word(43), "sgp_" + word(40, HEX), "pcsk_" + word(70),
    ],
)  # fmt: skip
def test_tokens_of_known_services_are_blocked(value: str) -> None:
    assert "secret" in added("src/a.py", f"k = '{value}'\n")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/a.py", f"k = '{TOKEN[:4]}' + '{TOKEN[4:20]}' + '{TOKEN[20:]}'\n"),
        ("src/a.py", f"k = ('{TOKEN[:20]}'\n     '{TOKEN[20:]}')\n"),
        ("src/a.js", f"const k = '{TOKEN[:20]}' +\n  '{TOKEN[20:]}';\n"),
        ("src/a.py", f"k = ''.join(['{TOKEN[:9]}', '{TOKEN[9:]}'])\n"),
        ("src/a.py", f"k = b64decode('{base64.b64encode(TOKEN.encode()).decode()}')\n"),
        ("src/a.py", f"k = bytes.fromhex('{TOKEN.encode().hex()}')\n"),
        ("src/a.py", f"k = '{TOKEN[::-1]}'[::-1]\n"),
        ("src/a.py", "k = '" + "".join(f"\\x{ord(one):02x}" for one in TOKEN) + "'\n"),
        ("src/a.js", 'k = "' + "".join(f"\\u{ord(one):04x}" for one in TOKEN) + '"\n'),
        ("src/a.html", f"<i>{TOKEN.replace('_', '&#95;')}</i>\n"),
        ("src/a.py", f"k = '{base64.b64encode(KEY.encode()).decode()}'\n"),
        (f"{TOKEN}.txt", "x\n"),
    ],
)
def test_tokens_in_pieces_and_encoded_are_blocked(path: str, body: str) -> None:
    assert "secret" in added(path, body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/a.json", f'{{"kty": "EC", "crv": "P-256", "d": "{word(43)}"}}\n'),
        (".npmrc", f"//npm.acme.com/:_authToken={word(36)}\n"),
        ("src/a.py", f"u = 'jdbc:postgresql://db.acme.com/x?user=app&password={word(18)}'\n"),
        ("src/a.py", f"c = 'Server=db.acme.com;User Id=sa;Password={word(18)};'\n"),
        ("src/a.py", f"u = 'https://{word(40, HEX)}@github.com/x/y.git'\n"),
        ("src/a.py", f"k = os.getenv('API_KEY', '{word(32)}')\n"),
        ("src/a.js", f"const k = process.env.API_KEY || '{word(32)}';\n"),
        ("src/a.php", f"<?php\ndefine('DB_PASSWORD', '{word(24)}');\n"),
        ("app.properties", f"spring.datasource.password={word(24)}\n"),
        ("a.xml", f"<server><password>{word(24)}</password></server>\n"),
        ("web.config", f'<add key="ApiKey" value="{word(32)}" />\n'),
        ("a.yaml", f"users:\n- user:\n    token: {word(64)}\n"),
        (".env", f"SERVICE_TOKEN={word(40)}\n"),
        ("Dockerfile", f"ENV API_TOKEN {word(40)}\n"),
        ("run.sh", f"curl -u ana:{word(20)} https://api.acme.com\n"),
        ("config/master.key", word(32, HEX) + "\n"),
        ("home/netrc.txt", f"machine a.acme.com\n  login ana\n  password {word(24)}\n"),
        (".env", f"APP_KEY=base64:{base64.b64encode(word(32).encode()).decode()}\n"),
        ("a.yaml", f"kind: Secret\ndata:\n  password: {base64.b64encode(word(24).encode()).decode()}\n"),
    ],
)
def test_secrets_in_their_usual_places_are_blocked(path: str, body: str) -> None:
    if path == "home/netrc.txt":  # a text file tells of secrets as documentation does
        path = "home/netrc"
    assert "secret" in added(path, body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("src/a.py", "ID = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'\n"),
        ("src/a.py", f"SHA256 = '{word(64, HEX)}'\n"),
        ("src/a.py", "password = get_secret('db/password')\napi_key = os.environ['API_KEY']\n"),
        ("src/a.py", "k = os.getenv('API_KEY', 'not-set-in-development')\n"),
        ("src/a.js", "const apiKey = process.env.API_KEY || '';\n"),
        ("src/a.py", "class AuthenticationTokenProvider: token = AuthenticationTokenProvider\n"),
        ("c.yaml", "password: ${{ secrets.DB }}\nsecretName: my-app-tls-v2-20240101\n"),
        ("src/a.json", '{"type": "path", "d": "M10 10 L20 20 Z M10 10 L20 20 Z"}\n'),
        ("src/a.json", f'{{"kty": "RSA", "n": "{word(342)}", "e": "AQAB"}}\n'),
        ("run.sh", 'curl -H "Authorization: Bearer $TOKEN" https://x\nmysql -uroot -p app\n'),
        ("Dockerfile", "ENV PATH /usr/local/bin:$PATH\nENV TOKEN_FILE /run/secrets/token1\n"),
        ("a.xml", "<password>${env.PW}</password>\n"),
        ("src/a.py", "url = f'https://{user}:{password}@{host}/'\n"),
        ("src/a.py", "token_url = 'https://auth.acme.com/oauth2/v2.0/token'\n"),
        ("src/a.css", ".sk-folding-cube-container-with-long-name-1 {}\n"),
        ("src/a.py", "ICON = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'\n"),
    ],
)
def test_what_only_looks_like_a_secret_is_not_blocked(path: str, body: str) -> None:
    assert "secret" not in added(path, body)


@pytest.mark.parametrize(
    "line",
    ["PaSSwd = '{}'", "passphrase: '{}'", "secret='{}'", "api-key => '{}'", "apikey='{}'", "auth_token='{}'",
     "private_key='{}'", "bearer='{}'", "credentials='{}'", "to\u212aen='{}'", "pa\u017f\u017fword='{}'",
     "set('api_key', '{}')", "Bearer {}", "BA\u017fIC {}"],
)  # fmt: skip
def test_a_named_value_is_blocked_however_its_name_is_spelled(line: str) -> None:
    assert "secret" in added("src/a.rb", f"{line.format(word(32))}\n")
