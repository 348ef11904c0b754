"""Claude: the key, whether the models are there and stay, and whether what they cost is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.checkup import Diagnosis, fail, ok, warn
from bot.checkup.https import ask
from bot.settings import WorkerSettings
from workers.agent.prices import known

_VERSION = "2026-10-21"
_USUAL = "https://api.anthropic.com"


def check(settings: WorkerSettings) -> list[Diagnosis]:
    """Read the models' descriptions; that costs nothing."""
    claude = settings.claude
    if "claude" in settings.stand_ins:
        return [ok("Claude", "scripted, not the real model (set ANTHROPIC_API_KEY for the real one)")]
    found: list[Diagnosis] = []
    there: dict[str, None] = {}
    for name, model, effort in _models(settings):
        answer = ask(
            f"{claude.base_url or _USUAL}/v1/models/{model}",
            token=claude.api_key.get_secret_value(),
            headers={"anthropic-version": _VERSION},
        )
        if answer.status == 0:
            return [fail("ANTHROPIC_API_KEY", answer.why(), "Check the network, a proxy, or ANTHROPIC_BASE_URL.")]
        if answer.status in {401, 403}:
            fix = "Make a new key in the Claude Console, or check that the key may use this workspace."
            return [fail("ANTHROPIC_API_KEY", f"Claude refuses it: {answer.why()}", fix)]
        if answer.status == 404:
            found.append(fail(name, f"there is no model {model}", "Name one of your account's models."))
        elif answer.status != 200:
            found.append(warn(name, f"could not be checked: {answer.why()}", "Try again in a minute."))
        else:
            there |= {model: None} if name != "SHIPMATE_TRIAGE_MODEL" else {}
            found += [_lifecycle(name, model, answer.body), *_effort(name, model, effort, answer.body)]
    return found + _prices(list(there))


def _models(settings: WorkerSettings) -> Iterator[tuple[str, str, str]]:
    """Yield (where it is set, model, effort or "") of every model that may be asked."""
    claude = settings.claude
    yield "SHIPMATE_MODEL", claude.model, claude.effort or ""
    yield "SHIPMATE_TRIAGE_MODEL", claude.triage_model, ""
    if claude.second_model:
        yield "SHIPMATE_SECOND_MODEL", claude.second_model, claude.effort or ""
    if claude.judge_model or claude.judge_effort:
        yield "SHIPMATE_JUDGE_MODEL", claude.judge_model or claude.model, claude.judge_effort or ""
    for name, tier in settings.rules.tiers.items():
        if tier.model or tier.effort:
            yield f"[tiers.{name}]", tier.model or claude.model, tier.effort or claude.effort or ""


def _lifecycle(name: str, model: str, body: dict[str, object]) -> Diagnosis:
    state = body.get("lifecycle", "active")
    if state == "retired":
        return fail(name, f"{model} is retired", "Name a newer model.")
    if state == "deprecated":
        return warn(name, f"{model} is deprecated and ends {body.get('retires_at') or 'soon'}", "Name a newer model.")
    return ok(name, f"{model} answers")


def _effort(name: str, model: str, effort: str, body: object) -> list[Diagnosis]:
    """Warn if the model's page says that it does not support the effort: its requests would be refused."""
    told: object = body
    for part in ("capabilities", "effort", effort, "supported"):
        told = told.get(part) if isinstance(told, dict) else None
    if not effort or told is not False:
        return []
    return [fail(name, f"{model} does not take the effort {effort}", "Choose another, or leave it out.")]


def _prices(models: Sequence[str]) -> list[Diagnosis]:
    """Name the models whose cost counts as nothing."""
    fix = "The other budgets hold: set turns, tokens and minutes in [budget] so that they are enough."
    return [
        warn("[budget] dollars", f"can't be enforced for {model}: its price is unknown", fix)
        for model in models
        if not known(model)
    ]
