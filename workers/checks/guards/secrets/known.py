"""Secrets of kinds we know by their form, private keys, and passwords in URLs.

Law: every expression here is linear in the length of what it reads; attackers write the lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workers.checks.guards.edits import Edit
from workers.checks.guards.kinds import is_example, is_test
from workers.checks.guards.secrets.dummies import entropy, is_made_up, is_placeholder

Hit = tuple[str, str, int]
"""(rule, what it seems to be, line number)."""

_KINDS: dict[str, tuple[tuple[str, ...], str]] = {
    "a Slack token": (
        ("xox", "xapp-"),
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xoxe\.xox[bp]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}",
    ),
    "a Slack webhook": (("hooks.slack",), r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{20,}"),
    "a GitHub token": (
        ("gho_", "ghp_", "ghs_", "ghu_", "ghr_", "github_pat_"),
        r"gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}",
    ),
    "a GitLab token": (("gl",), r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w-]{20,}"),
    "an Anthropic key": (("sk-ant-",), r"sk-ant-[\w-]{16,}"),
    "an OpenAI key": (("sk-",), r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,}|sk-[A-Za-z0-9]{40,}"),
    "an AWS access key": (("AKIA", "ASIA", "ABIA", "ACCA"), r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])"),
    "a Google API key": (("AIza",), r"AIza[\w-]{35}(?![\w-])"),
    "a Google OAuth secret": (("GOCSPX-", "ya29.", "1//0"), r"GOCSPX-[\w-]{28}|ya29\.[\w-]{30,}|1//0[\w-]{40,}"),
    "a Stripe key": (("_live_", "_test_", "whsec_"), r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}"),
    "an npm token": (("npm_",), r"npm_[A-Za-z0-9]{36}"),
    "a PyPI token": (("pypi-",), r"pypi-AgE[\w-]{32,}|pypi-[\w-]{60,}"),
    "a RubyGems token": (("rubygems_",), r"rubygems_[a-f0-9]{48}"),
    "a crates.io token": (("cio",), r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    "a NuGet key": (("oy2",), r"oy2[a-z0-9]{43}(?![a-z0-9])"),
    "a JSON web token": (("eyJ",), r"eyJ[\w-]{8,512}+\.eyJ[\w-]{8,8000}+\.[\w-]{16,}"),
    "a Hugging Face token": (("hf_",), r"hf_[A-Za-z]{34}(?![A-Za-z])"),
    "a DigitalOcean token": (("_v1_",), r"do[opr]_v1_[a-f0-9]{64}"),
    "a Docker token": (("dckr_",), r"dckr_(?:pat|oat)_[\w-]{24,}"),
    "a SendGrid key": (("SG.",), r"SG\.[\w-]{20,24}\.[\w-]{39,50}"),
    "a Twilio key": (("SK", "AC"), r"(?:SK|AC)[a-f0-9]{32}(?![a-f0-9])"),
    "a Mailgun key": (("key-",), r"key-[a-f0-9]{32}(?![a-f0-9])"),
    "a Mailchimp key": (("-us",), r"[a-f0-9]{32}-us\d{1,2}(?!\w)"),
    "a Shopify token": (("shp",), r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    "a Square token": (("sq0", "EAAA"), r"sq0(?:atp|csp)-[\w-]{22,43}|EAAA[\w-]{60}(?![\w-])"),
    "a Telegram bot token": ((":AA",), r"\d{8,10}:AA[\w-]{33}(?![\w-])"),
    "a Discord webhook": (
        ("/webhooks/",),
        r"https://(?:\w{1,20}\.)?discord(?:app)?\.com/api/webhooks/\d{10,20}/[\w-]{40,}",
    ),
    "a Discord token": ((".",), r"[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])"),
    "a Microsoft Teams webhook": (("webhookb2",), r"https://[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{60,}"),
    "an Azure storage key": (("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{86}=="),
    "an Azure client secret": (("Q~",), r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
    "a Databricks token": (("dapi",), r"dapi[a-f0-9]{32}(?:-\d)?(?![a-f0-9])"),
    "a Vault token": (("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,}"),
    "a Terraform token": (("atlasv1",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    "a Linear key": (("lin_api_",), r"lin_api_[A-Za-z0-9]{40}"),
    "a Notion token": (("ntn_", "secret_"), r"(?:ntn_|secret_)[A-Za-z0-9]{43,46}(?![A-Za-z0-9])"),
    "an Atlassian token": (("ATATT3x",), r"ATATT3x[\w=-]{100,}"),
    "a PlanetScale token": (("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,}"),
    "a New Relic key": (("NRAK-",), r"NRAK-[A-Z0-9]{27}"),
    "a Grafana token": (("glc_", "glsa_"), r"gl(?:c_[A-Za-z0-9+/]{32,}|sa_[A-Za-z0-9]{32}_[a-f0-9]{8})"),
    "a Sentry token": (("sntr",), r"sntr[yu]s_[A-Za-z0-9_=+/-]{40,}"),
    "a Fly.io token": (("FlyV1",), r"FlyV1 fm\d_[\w+/=,-]{40,}"),
    "an age key": (("AGE-SECRET",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    "a Groq key": (("gsk_",), r"gsk_[A-Za-z0-9]{48,}"),
    "a Supabase key": (("sbp_", "sbs_"), r"sb[ps]_(?:secret_)?[A-Za-z0-9_-]{30,}"),
    "a 1Password token": (("ops_eyJ",), r"ops_eyJ[\w-]{100,}"),
}
"""Each kind: what a text must hold to be looked at closely, and the form."""
_FORMS = {kind: re.compile(rf"(?<![A-Za-z0-9_+/-])(?:{form})") for kind, (_, form) in _KINDS.items()}
_LOOSE = frozenset(
    {"a Twilio key", "a Mailgun key", "a crates.io token", "a NuGet key", "a Discord token", "a GitLab token"}
)
"""Kinds whose form random bytes meet too easily."""
_HINT = re.compile(r"[A-Za-z0-9_+/=~.-]{18,}|://")
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d")
_BODY = re.compile(
    r"(?:\\[nr]|[\s\"'+,`>#*])*+(?:(?:Proc-Type|DEK-Info|Version|Comment|Encryption)[^\n]{0,200}\n|\s)*+[A-Za-z0-9+/]{40,}"
)
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<user>[^\s/:@\"'<>`]{0,100}):(?P<word>[^\s/@\"'<>`]{3,200})@(?P<host>[\w.-]{1,253})"
)
_MOST_KEYS = 200
"""First lines of keys that are looked behind; nobody needs more, and more is taken for keys."""
_POOR = re.compile(
    r"^(pass(word|wd)?|pw|pwd|secret|user(name)?|admin|root|guest|postgres|mysql|redis|rabbit(mq)?|mongo|test\w*|token|"
    r"hunter2|letmein|qwerty|key|foo|bar|baz|abc|[a-z]{1,7}|\d{1,8}|x+|\*+|p[a@]ss\w*)[\d!]*$",
    re.I,
)
_AT_HOME = re.compile(
    r"^(localhost|127\.|0\.0\.0\.0|.*\.?example(\.\w+)?$|host(name)?$|.*\.(local|test|invalid|localhost)$|proxy)", re.I
)
_AWS_SECRET = re.compile(r"(?i)aws.{0,20}?(?:secret|sk).{0,20}?[\"'=:\s]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])")


def search(edit: Edit) -> Iterator[Hit]:
    """Known forms in added lines, and in the text as a whole what takes several lines."""
    mild = is_test(edit.path) or is_example(edit.path)
    kinds = _likely(edit.new, tuple(_KINDS))
    urls, aws = "://" in edit.new, "aws" in edit.new.lower()
    for line in edit.added:
        if not _HINT.search(line.text):
            continue
        for kind, value in _tokens(line.text, kinds):
            if value not in edit.old and not is_placeholder(value) and not (mild and is_made_up(value)):
                yield "secret", kind, line.number
        if urls and any(_is_password(one, mild) for one in _URL.finditer(line.text) if one.group() not in edit.old):
            yield "secret", "a password in a URL", line.number
        for one in _AWS_SECRET.finditer(line.text) if aws else ():
            if one[1] not in edit.old and entropy(one[1]) > 4 and not is_placeholder(one[1]):
                yield "secret", "an AWS secret key", line.number
    yield from _keys(edit)


def in_bytes(content: bytes) -> set[str]:
    """Which kinds of token a binary file holds."""
    text = content.decode("latin-1")
    kinds = tuple(kind for kind in _KINDS if kind not in _LOOSE)
    return {kind for kind, value in _tokens(text, _likely(text, kinds)) if not is_placeholder(value)}


def _likely(text: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if any(anchor in text for anchor in _KINDS[kind][0]))


def _tokens(text: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for kind in _likely(text, kinds):
        for one in _FORMS[kind].finditer(text):
            yield kind, one.group()


def _keys(edit: Edit) -> Iterator[Hit]:
    """A private key's first line counts only with its body: code that reads keys names the first line too."""
    if "PRIVATE KEY" not in edit.new and "PuTTY" not in edit.new:
        return
    added = {line.number for line in edit.added}
    for count, begin in enumerate(_BEGIN.finditer(edit.new)):
        if count == _MOST_KEYS:
            yield "secret", "private keys", 1
            return
        body = _BODY.match(edit.new, begin.end(), begin.end() + 4000)
        if body is None or is_placeholder(body.group().strip()[:64]):
            continue
        if body.group().strip() in edit.old:
            continue
        number = edit.new.count("\n", 0, begin.start()) + 1
        if any(at in added for at in range(number, number + body.group().count("\n") + 1)):
            yield "secret", "a private key", number
            return


def _is_password(url: re.Match[str], mild: bool) -> bool:
    word = url["word"]
    if is_placeholder(word) or _POOR.match(word) or _AT_HOME.match(url["host"]) or is_placeholder(url["host"]):
        return False
    return not mild or (len(word) >= 12 and entropy(word) >= 3.3 and not is_made_up(word))
