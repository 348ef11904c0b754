"""JSON schemas that the service promises to keep (`strict` tools, `output_config.format`), and filling one in.

The service compiles these, so it refuses what it could not keep: ranges, lengths, open objects.
"""

from __future__ import annotations

from typing import Any

from bot.playground.claude.errors import invalid

UNSUPPORTED = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("maxItems", "uniqueItems", "minProperties", "maxProperties", "patternProperties", "propertyNames"),
    *("contains", "if", "then", "else", "not", "oneOf", "dependentRequired", "unevaluatedProperties"),
}
HOPEFUL = ("approve", "approved", "accept", "pass", "passed", "ok", "fine", "green", "yes", "change", "build", "low")
ALARMS = ("veto", "block", "reject", "refus", "unsafe", "unasked", "danger", "missing", "risk", "unrelated", "question")
MAX_DEPTH = 32
NOTICE = "Scripted stand-in: no model judged this."


def check_strict_schema(schema: object, where: str, depth: int = 0) -> None:
    """Refuse (400) what structured output cannot promise."""
    if depth > MAX_DEPTH:
        raise invalid(f"{where}: the schema is nested too deeply")
    if not isinstance(schema, dict):
        raise invalid(f"{where}: a schema must be an object")
    for keyword in schema:
        if keyword in UNSUPPORTED:
            raise invalid(f"{where}: the property '{keyword}' is not supported")
    if schema.get("minItems") not in (None, 0, 1):
        raise invalid(f"{where}: 'minItems' values other than 0 or 1 are not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for group in ("properties", "$defs"):
        inner = schema.get(group, {})
        if not isinstance(inner, dict):
            raise invalid(f"{where}.{group}: Input should be an object")
        for name, part in inner.items():
            check_strict_schema(part, f"{where}.{group}.{name}", depth + 1)
    if "items" in schema:
        check_strict_schema(schema["items"], f"{where}.items", depth + 1)
    for keyword in ("anyOf", "allOf"):
        for index, part in enumerate(schema.get(keyword, [])):
            check_strict_schema(part, f"{where}.{keyword}.{index}", depth + 1)


def fill(schema: dict[str, Any], request: str, *, name: str = "", root: dict[str, Any] | None = None) -> Any:
    """The smallest instance of `schema`, leaning to the answer that lets work go on.

    `request` (the person's words) fills properties called title; other free text says that no model was asked.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return fill(target, request, name=name, root=root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return _choose(list(schema["enum"]))
    for keyword in ("anyOf", "allOf"):
        if schema.get(keyword):
            return fill(schema[keyword][0], request, name=name, root=root)
    return _fill_type(schema, request, name, root)


def _fill_type(schema: dict[str, Any], request: str, name: str, root: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        wanted = schema.get("required", [])
        parts = schema.get("properties", {})
        return {key: fill(parts.get(key, {}), request, name=key, root=root) for key in wanted}
    if kind == "array":
        return [fill(schema.get("items", {}), request, name=name, root=root)] if schema.get("minItems") else []
    if kind == "boolean":
        return not any(word in name.lower() for word in ALARMS)
    if kind in ("integer", "number"):
        return 0
    if kind == "null":
        return None
    if "title" in name.lower() and request.strip():
        return " ".join(request.split())[:60].capitalize()
    return NOTICE


def _choose(values: list[Any]) -> Any:
    return next((value for value in values if str(value).lower() in HOPEFUL), values[0])


def fit(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A scripted tool input, made to fit the tool's schema: unknown properties dropped, required ones filled."""
    properties = schema.get("properties") or {}
    fitted = {
        key: part for key, part in value.items() if key in properties or schema.get("additionalProperties") is not False
    }
    for key in schema.get("required") or []:
        if key not in fitted:
            fitted[key] = fill(properties.get(key, {"type": "string"}), "", name=key, root=schema)
    return fitted
