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

_KINDS = {
    "a Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xoxe\.xox[bp]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}",
    "a Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{20,}",
    "a GitHub token": r"gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}",
    "a GitLab token": r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas)-[\w-]{20,}",
    "an Anthropic key": r"sk-ant-[\w-]{16,}",
    "an OpenAI key": r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,}|sk-[A-Za-z0-9]{40,}",
    "an AWS access key": r"(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}(?![0-9A-Za-z])",
    "a Google API key": r"AIza[\w-]{35}(?![\w-])",
    "a Google OAuth secret": r"GOCSPX-[\w-]{28}|ya29\.[\w-]{30,}|1//0[\w-]{40,}",
    "a Stripe key": r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}",
    "an npm token": r"npm_[A-Za-z0-9]{36}",
    "a PyPI token": r"pypi-AgE[\w-]{32,}|pypi-[\w-]{60,}",
    "a RubyGems token": r"rubygems_[a-f0-9]{48}",
    "a crates.io token": r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])",
    "a NuGet key": r"oy2[a-z0-9]{43}(?![a-z0-9])",
    "a JSON web token": r"eyJ[\w-]{8,512}+\.eyJ[\w-]{8,8000}+\.[\w-]{16,}",
    "a Hugging Face token": r"hf_[A-Za-z]{34}(?![A-Za-z])",
    "a DigitalOcean token": r"do[opr]_v1_[a-f0-9]{64}",
    "a Docker token": r"dckr_(?:pat|oat)_[\w-]{24,}",
    "a SendGrid key": r"SG\.[\w-]{20,24}\.[\w-]{39,50}",
    "a Twilio key": r"(?:SK|AC)[a-f0-9]{32}(?![a-f0-9])",
    "a Mailgun key": r"key-[a-f0-9]{32}(?![a-f0-9])",
    "a Mailchimp key": r"[a-f0-9]{32}-us\d{1,2}(?!\w)",
    "a Shopify token": r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    "a Square token": r"sq0(?:atp|csp)-[\w-]{22,43}|EAAA[\w-]{60}(?![\w-])",
    "a Telegram bot token": r"\d{8,10}:AA[\w-]{33}(?![\w-])",
    "a Discord webhook": r"https://(?:\w{1,20}\.)?discord(?:app)?\.com/api/webhooks/\d{10,20}/[\w-]{40,}",
    "a Discord token": r"[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])",
    "a Microsoft Teams webhook": r"https://[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{60,}",
    "an Azure storage key": r"AccountKey=[A-Za-z0-9+/]{86}==",
    "an Azure client secret": r"[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])",
    "a Databricks token": r"dapi[a-f0-9]{32}(?:-\d)?(?![a-f0-9])",
    "a Vault token": r"hv[sbr]\.[\w-]{24,}",
    "a Terraform token": r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}",
    "a Linear key": r"lin_api_[A-Za-z0-9]{40}",
    "a Notion token": r"(?:ntn_|secret_)[A-Za-z0-9]{43,46}(?![A-Za-z0-9])",
    "an Atlassian token": r"ATATT3x[\w=-]{100,}",
    "a PlanetScale token": r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,}",
    "a New Relic key": r"NRAK-[A-Z0-9]{27}",
    "a Grafana token": r"gl(?:c_[A-Za-z0-9+/]{32,}|sa_[A-Za-z0-9]{32}_[a-f0-9]{8})",
    "a Sentry token": r"sntr[yu]s_[A-Za-z0-9_=+/-]{40,}",
    "a Fly.io token": r"FlyV1 fm\d_[\w+/=,-]{40,}",
    "an age key": r"AGE-SECRET-KEY-1[A-Z0-9]{58}",
    "a Groq key": r"gsk_[A-Za-z0-9]{48,}",
    "a Supabase key": r"sb[ps]_(?:secret_)?[A-Za-z0-9_-]{30,}",
    "a 1Password token": r"ops_eyJ[\w-]{100,}",
}
_GROUPS = {f"k{at}": kind for at, kind in enumerate(_KINDS)}
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_+/-])(?:" + "|".join(f"(?P<k{at}>{form})" for at, form in enumerate(_KINDS.values())) + ")"
)
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
    for line in edit.added:
        if not _HINT.search(line.text):
            continue
        for kind, value in _tokens(line.text):
            if value not in edit.old and not is_placeholder(value) and not (mild and is_made_up(value)):
                yield "secret", kind, line.number
        if any(_is_password(one, mild) for one in _URL.finditer(line.text) if one.group() not in edit.old):
            yield "secret", "a password in a URL", line.number
        for one in _AWS_SECRET.finditer(line.text):
            if (
                not is_placeholder(one[1])
                and one[1] not in edit.old
                and entropy(one[1]) > 4
                and not (mild and is_made_up(one[1]))
            ):
                yield "secret", "an AWS secret key", line.number
    yield from _keys(edit)


def in_bytes(content: bytes) -> set[str]:
    """Which kinds of token a binary file holds."""
    found = {kind for kind, value in _tokens(content.decode("latin-1")) if not is_placeholder(value)}
    return found - {"a Twilio key", "a Mailchimp key", "a crates.io token", "a NuGet key"}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for one in _TOKEN.finditer(text):
        if one.lastgroup:
            yield _GROUPS[one.lastgroup], one.group()


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
