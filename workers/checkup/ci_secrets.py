"""Which secrets CI gives to the branches that we push: names only, and only as far as the token may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.checkup import Diagnosis, ok, warn
from bot.checkup.https import Response, ask
from bot.domain.rules import AskBeforeCi

_NAMED = 5
_FIX = 'Set ask_before_ci = "risky" in shipmate.toml, or limit them to an environment of the default branch.'
_ASKS = {"risky": "a person is asked before risky code runs there", "always": "a person is asked before each push"}


def open_secrets(api_url: str, token: str, name: str, asked: AskBeforeCi) -> Diagnosis:
    """Say which secrets any branch of the repository `name` can use, and whether a person is asked before."""
    subject = f"CI of {name}"
    found, unseen = _open(f"{api_url}/repos/{name}", token)
    looked = f"; I couldn't look at {', '.join(unseen)}" if unseen else ""
    if not found and not unseen:
        return ok(subject, "no branch of ours can use a secret")
    shown = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    says = f"our branches can use {shown}{looked}" if found else f"I couldn't look at {', '.join(unseen)}"
    if asked == "never":
        return warn(subject, f"{says}; nobody is asked before code runs there", _FIX)
    return ok(subject, f"{says}; {_ASKS[asked]}")


def _open(repository: str, token: str) -> tuple[list[str], list[str]]:
    """Return (names of secrets, what could not be looked at)."""
    found: list[str] = []
    unseen: list[str] = []
    for what, path in (("its secrets", "actions/secrets"), ("its organization's", "actions/organization-secrets")):
        names = _names(ask(f"{repository}/{path}?per_page=100", token=token), "secrets")
        if names is None:
            unseen.append(what)
        found += names or []
    answer = ask(f"{repository}/environments?per_page=100", token=token)
    for environment in _listed(answer, "environments"):
        place = f"{repository}/environments/{quote(str(environment.get('name')), safe='')}/secrets?per_page=100"
        if environment.get("deployment_branch_policy") is None and not environment.get("protection_rules"):
            names = _names(ask(place, token=token), "secrets")
            if names is None:
                unseen.append(f"its environment {environment.get('name')}")
            found += names or []
    if answer.status != 200:
        unseen.append("its environments")
    return list(dict.fromkeys(found)), unseen


def _names(answer: Response, key: str) -> list[str] | None:
    if answer.status != 200:
        return None
    names = [str(one.get("name")) for one in _listed(answer, key)]
    total = answer.body.get("total_count")
    return [*names, f"{total - len(names)} further ones"] if isinstance(total, int) and total > len(names) else names


def _listed(answer: Response, key: str) -> list[Mapping[str, Any]]:
    rows = answer.body.get(key) if answer.status == 200 and isinstance(answer.body, dict) else None
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
