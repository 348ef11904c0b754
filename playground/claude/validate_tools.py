"""Tool definitions and tool_choice: the built-in tools of the Messages API by type, everything else by schema."""

from __future__ import annotations

import re
from typing import Any

from playground.claude.errors import invalid
from playground.claude.models import Model
from playground.claude.request import Block
from playground.claude.validate_blocks import check_cache_control, check_fields
from playground.claude.validate_schemas import check_schema

NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
SHARED = {"type", "name", "cache_control", "strict", "defer_loading", "allowed_callers", "input_examples"}
BUILT_IN = {
    "bash_20250124": ("bash", SHARED),
    "text_editor_20250728": ("str_replace_based_edit_tool", SHARED | {"max_characters"}),
    "memory_20250818": ("memory", SHARED),
}
CUSTOM = SHARED | {"description", "input_schema", "eager_input_streaming"}


def check_tools(value: object) -> list[Block]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid("tools: Input should be a valid list")
    for index, tool in enumerate(value):
        _check_tool(tool, f"tools.{index}")
    names = [tool["name"] for tool in value]
    if len(set(names)) != len(names):
        raise invalid("tools: Tool names must be unique.")
    return value


def _check_tool(tool: object, where: str) -> None:
    if not isinstance(tool, dict):
        raise invalid(f"{where}: Input should be an object")
    if tool.get("cache_control") is not None:
        check_cache_control(tool["cache_control"], f"{where}.cache_control")
    if not isinstance(tool.get("strict", False), bool):
        raise invalid(f"{where}.strict: Input should be a valid boolean")
    kind = tool.get("type") or "custom"
    if kind == "custom":
        _check_custom(tool, where)
        return
    if not isinstance(kind, str) or kind not in BUILT_IN:
        known = ", ".join(["custom", *BUILT_IN])
        raise invalid(
            f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected tags: {known}"
        )
    name, fields = BUILT_IN[kind]
    if tool.get("name") != name:
        raise invalid(f"{where}.{kind}.name: Input should be '{name}'")
    check_fields(tool, fields, f"{where}.{kind}")


def _check_custom(tool: Block, where: str) -> None:
    check_fields(tool, CUSTOM, f"{where}.custom")
    if not isinstance(tool.get("name"), str) or not NAME.fullmatch(tool["name"]):
        raise invalid(f"{where}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
    if not isinstance(tool.get("description", ""), str):
        raise invalid(f"{where}.custom.description: Input should be a valid string")
    schema = tool.get("input_schema")
    if not isinstance(schema, dict):
        raise invalid(f"{where}.custom.input_schema: Field required")
    if schema.get("type") != "object":
        raise invalid(f"{where}.custom.input_schema.type: Input should be 'object'")
    check_schema(schema, f"{where}.custom.input_schema", strict=bool(tool.get("strict")))


def check_tool_choice(value: object, tools: list[Block], model: Model) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("type") not in ("auto", "any", "tool", "none"):
        raise invalid("tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")
    kind = value["type"]
    if kind in ("any", "tool") and not model.forced_tools:
        raise invalid(f"tool_choice.type: '{kind}' is not supported by {model.id}; use 'auto' or 'none'")
    fields = {"type"} if kind == "none" else {"type", "disable_parallel_tool_use"}
    check_fields(value, fields | ({"name"} if kind == "tool" else set()), "tool_choice")
    if not tools and kind != "none":
        raise invalid("tool_choice may only be specified while providing tools")
    if kind == "tool" and value.get("name") not in [tool["name"] for tool in tools]:
        raise invalid(f"Tool '{value.get('name')}' not found in provided tools")
    return value
