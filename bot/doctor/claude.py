"""Claude: the key, and whether the models are there and stay."""

from __future__ import annotations

from bot.doctor import Finding, fail, ok, warn
from bot.doctor.asking import ask
from bot.settings import Settings

_VERSION = "2026-10-21"
_USUAL = "https://api.anthropic.com"


def check(settings: Settings) -> list[Finding]:
    """Reads the two models' descriptions; costs nothing."""
    claude = settings.claude
    if claude.stand_in:
        return [ok("Claude", "scripted, not the real model (set ANTHROPIC_API_KEY for the real one)")]
    found: list[Finding] = []
    for name, model in (("SHIPMATE_MODEL", claude.model), ("SHIPMATE_TRIAGE_MODEL", claude.triage_model)):
        answer = ask(
            f"{claude.base_url or _USUAL}/v1/models/{model}",
            token=claude.api_key.get_secret_value(),
            headers={"anthropic-version": _VERSION},
        )
        if answer.status == 0:
            return [fail("ANTHROPIC_API_KEY", answer.why(), "Check the network, a proxy, or ANTHROPIC_BASE_URL.")]
        if answer.status in {401, 403}:
            mend = "Make a new key in the Claude Console, or check that the key may use this workspace."
            return [fail("ANTHROPIC_API_KEY", f"Claude refuses it: {answer.why()}", mend)]
        if answer.status == 404:
            found.append(fail(name, f"there is no model {model}", "Name one of your account's models."))
        elif answer.status != 200:
            found.append(warn(name, f"could not be checked: {answer.why()}", "Try again in a minute."))
        else:
            found.append(_lifecycle(name, model, answer.body))
    return found


def _lifecycle(name: str, model: str, body: dict[str, object]) -> Finding:
    state = body.get("lifecycle", "active")
    if state == "retired":
        return fail(name, f"{model} is retired", "Name a newer model.")
    if state == "deprecated":
        return warn(name, f"{model} is deprecated and ends {body.get('retires_at') or 'soon'}", "Name a newer model.")
    return ok(name, f"{model} answers")
