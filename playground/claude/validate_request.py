"""Accept or refuse a whole request body, as strictly as the service does, and stricter where it is silent.

Law: whatever is not named here is refused. A field the stand-in would ignore would be a field nobody tested.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playground.claude.errors import invalid
from playground.claude.models import Model, find_model
from playground.claude.request import Block, MessagesRequest
from playground.claude.validate_blocks import check_cache_control, check_fields, content_blocks
from playground.claude.validate_messages import check_messages
from playground.claude.validate_schemas import check_schema
from playground.claude.validate_tools import check_tool_choice, check_tools

REFUSED_EVERYWHERE = ("temperature", "top_p", "top_k")
KNOWN = {
    *("model", "messages", "max_tokens", "system", "tools", "tool_choice", "thinking", "stream", "stop_sequences"),
    *("metadata", "cache_control", "output_config", "service_tier", "diagnostics", "inference_geo", "speed"),
}
NOT_PLAYED = {"container", "mcp_servers", "context_management", "fallbacks", "compaction", "betas"}
EFFORTS = ("low", "medium", "high", "xhigh", "max")


def check_request(
    body: object, *, counting: bool = False, was_paused: Callable[[list[Block]], bool] = lambda _: False
) -> MessagesRequest:
    """Return the accepted request, or ApiError. `counting` is for count_tokens, which takes no max_tokens and no
    stream.

    `was_paused` knows the replies that may stand last, to be continued.
    """
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object.")
    for name in body:
        if name in REFUSED_EVERYWHERE:
            raise invalid(f"{name}: sampling parameters are not supported by this API version")
        if name in NOT_PLAYED:
            raise invalid(f"{name}: the scripted stand-in does not play this feature")
        if name not in KNOWN or (counting and name in ("max_tokens", "stream", "metadata", "service_tier")):
            raise invalid(f"{name}: Extra inputs are not permitted")
    for name in ("model", "messages") if counting else ("model", "messages", "max_tokens"):
        if name not in body:
            raise invalid(f"{name}: Field required")
    model = find_model(body["model"])
    tools = check_tools(body.get("tools"))
    system = _system(body.get("system"))
    messages = check_messages(body["messages"], tools, was_paused)
    automatic = body.get("cache_control")
    if automatic is not None:
        check_cache_control(automatic, "cache_control")
    _check_markers(tools, system, [block for message in messages for block in message.blocks], automatic)
    thinking = _thinking(body.get("thinking"), model, body.get("max_tokens"))
    return MessagesRequest(
        body=body,
        model=model,
        max_tokens=0 if counting else _max_tokens(body["max_tokens"], model),
        messages=messages,
        system=system,
        tools=tools,
        tool_choice=check_tool_choice(body.get("tool_choice"), tools, model),
        thinking=thinking,
        automatic_cache=automatic,
        json_schema=_output_schema(body.get("output_config")),
        stop_sequences=_stop_sequences(body.get("stop_sequences")),
        stream=_flag(body.get("stream", False), "stream"),
    )


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(f"{where}: Input should be a valid boolean")
    return value


def _max_tokens(value: object, model: Model) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid("max_tokens: Input should be a valid integer")
    if value < 0:
        raise invalid("max_tokens: Input should be greater than or equal to 0")
    if value > model.max_tokens:
        raise invalid(
            f"max_tokens: {value} > {model.max_tokens}, which is the maximum allowed number of output tokens "
            f"for {model.id}"
        )
    return value


def _system(value: object) -> list[Block]:
    if value is None or value == "":
        return []
    return content_blocks(value, ("text",), "system")


def _thinking(value: object, model: Model, max_tokens: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("type") not in ("adaptive", "between_tools", "disabled", "enabled"):
        raise invalid("thinking.type: Input should be 'adaptive', 'between_tools', 'disabled' or 'enabled'")
    kind = value["type"]
    if kind not in model.thinking:
        allowed = ", ".join(repr(name) for name in sorted(model.thinking))
        raise invalid(f"thinking.type: '{kind}' is not supported by {model.id}; it accepts {allowed}")
    fields = {"adaptive": {"type", "display"}, "enabled": {"type", "display", "budget_tokens"}}.get(kind, {"type"})
    check_fields(value, fields, "thinking")
    if value.get("display") not in (None, "summarized", "omitted"):
        raise invalid("thinking.display: Input should be 'summarized' or 'omitted'")
    if kind == "enabled":
        budget = value.get("budget_tokens")
        if not isinstance(budget, int) or budget < 1024:
            raise invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if isinstance(max_tokens, int) and budget >= max_tokens:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`")
    return value


def _output_schema(value: object) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise invalid("output_config: Input should be an object")
    check_fields(value, {"effort", "format"}, "output_config")
    if value.get("effort") is not None and value["effort"] not in EFFORTS:
        raise invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    wanted = value.get("format")
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        raise invalid("output_config.format.type: Input should be 'json_schema'")
    check_fields(wanted, {"type", "schema"}, "output_config.format")
    schema = wanted.get("schema")
    if not isinstance(schema, dict):
        raise invalid("output_config.format.schema: Field required")
    check_schema(schema, "output_config.format.schema", strict=True)
    return schema


def _stop_sequences(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid("stop_sequences: Input should be a list of strings")
    if any(not item.strip() for item in value):
        raise invalid("stop_sequences: each stop sequence must contain non-whitespace")
    return tuple(value)


def _check_markers(tools: list[Block], system: list[Block], blocks: list[Block], automatic: object) -> None:
    """At most four markers, and none of an hour after one of five minutes: the prefix could not outlive its start."""
    inner = [
        part
        for block in blocks
        for part in (block["content"] if isinstance(block.get("content"), list) else [])
        if isinstance(part, dict)
    ]
    marked = [block["cache_control"] for block in [*tools, *system, *blocks, *inner] if block.get("cache_control")]
    found = len(marked) + (1 if automatic else 0)
    if found > 4:
        raise invalid(f"A maximum of 4 blocks with cache_control may be provided. Found {found}.")
    ttls = [marker.get("ttl", "5m") for marker in marked]
    if isinstance(automatic, dict):
        ttls.append(automatic.get("ttl", "5m"))
    if "5m" in ttls and "1h" in ttls[ttls.index("5m") :]:
        raise invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")
