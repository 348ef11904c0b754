"""The models the stand-in answers for, and what each one refuses.

Names and limits follow the client library's types; the stand-in plays the same scripts whatever the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.claude.errors import ApiError

MAX_INPUT_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """One model: accepted `thinking.type` values, whether calls may be forced and thinking is bound to its place."""

    id: str
    name: str
    thinking: frozenset[str]
    forced_tools: bool = True
    bound_thinking: bool = True
    thinks_by_default: bool = True
    deprecated: bool = False
    max_tokens: int = 128_000


_ALWAYS = frozenset({"adaptive"})
_OLDER = frozenset({"adaptive", "enabled", "disabled"})


def _older(id: str, name: str, *, deprecated: bool = False) -> Model:
    return Model(
        id, name, _OLDER, bound_thinking=False, thinks_by_default=False, deprecated=deprecated, max_tokens=64_000
    )


_MODELS = (
    Model("claude-opus-5-5", "Claude Opus 5.5", _ALWAYS, forced_tools=False),
    Model("claude-sonnet-5-5", "Claude Sonnet 5.5", frozenset({"adaptive", "between_tools"}), forced_tools=False),
    Model("claude-haiku-5-5", "Claude Haiku 5.5", frozenset({"adaptive", "disabled"})),
    Model("claude-fable-5-2", "Claude Fable 5.2", _ALWAYS, forced_tools=False),
    Model("claude-fable-5-1", "Claude Fable 5.1", _ALWAYS, forced_tools=False),
    Model("claude-fable-5", "Claude Fable 5", _ALWAYS, forced_tools=False),
    Model("claude-opus-5", "Claude Opus 5", frozenset({"adaptive", "disabled"})),
    Model("claude-sonnet-5", "Claude Sonnet 5", frozenset({"adaptive", "disabled"})),
    _older("claude-opus-4-8", "Claude Opus 4.8"),
    _older("claude-opus-4-7", "Claude Opus 4.7"),
    _older("claude-opus-4-6", "Claude Opus 4.6"),
    _older("claude-opus-4-5", "Claude Opus 4.5"),
    _older("claude-sonnet-4-6", "Claude Sonnet 4.6"),
    _older("claude-sonnet-4-5", "Claude Sonnet 4.5", deprecated=True),
    _older("claude-haiku-4-5", "Claude Haiku 4.5"),
)
MODELS = {model.id: model for model in _MODELS}


def find_model(model_id: object) -> Model:
    """Return the model of that id; raises 404 as the service does for an id it does not know."""
    if not isinstance(model_id, str) or model_id not in MODELS:
        raise ApiError(404, f"model: {model_id}"[:200])
    return MODELS[model_id]


def _support(yes: bool) -> dict[str, bool]:
    return {"supported": yes}


def describe(model: Model) -> dict[str, Any]:
    """Return the model as `GET /v1/models/{id}` shows it. `display_name` says that a script answers."""
    yes, no = _support(True), _support(False)
    levels = dict.fromkeys(("low", "medium", "high", "xhigh", "max"), yes)
    types = {kind: _support(kind in model.thinking) for kind in ("adaptive", "between_tools", "disabled", "enabled")}
    context = {"clear_thinking_20251015": no, "clear_tool_uses_20250919": no, "compact_20260112": no}
    return {
        "type": "model",
        "id": model.id,
        "display_name": f"{model.name} (scripted stand-in)",
        "created_at": "2026-10-21T00:00:00Z",
        "lifecycle": "deprecated" if model.deprecated else "active",
        "deprecated_at": "2026-05-30T00:00:00Z" if model.deprecated else None,
        "retires_at": "2026-11-30T00:00:00Z" if model.deprecated else None,
        "line": model.id.split("-")[1],
        "max_input_tokens": MAX_INPUT_TOKENS,
        "max_tokens": model.max_tokens,
        "capabilities": {
            "batch": no,
            "citations": no,
            "code_execution": no,
            "context_management": {"supported": False, **context},
            "effort": {"supported": True, **levels},
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"supported": False, "code_execution": no, "web_search": no},
            "structured_outputs": yes,
            "thinking": {"supported": True, "types": types},
        },
    }
