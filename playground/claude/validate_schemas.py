"""JSON schemas that the service promises to keep (`strict` tools, `output_config.format`), and filling one in.

The service compiles these, so it refuses what it could not keep: ranges, lengths, open objects.
"""

from __future__ import annotations

from typing import Any

from playground.claude.errors import invalid

UNSUPPORTED = {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("maxItems", "uniqueItems", "minProperties", "maxProperties", "patternProperties", "propertyNames"),
    *("contains", "if", "then", "else", "not", "oneOf", "dependentRequired", "unevaluatedProperties"),
}
HOPEFUL = ("approve", "approved", "accept", "pass", "passed", "ok", "fine", "green", "yes", "change", "build", "low")
ALARMS = ("veto", "block", "reject", "refus", "unsafe", "unasked", "danger", "missing", "risk", "unrelated", "question")
DEFINITIONS = "#/$defs/"
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
MAX_DEPTH = 32
NOTICE = "Scripted stand-in: no model judged this."


def check_schema(schema: object, where: str, *, strict: bool) -> None:
    """Refuse (400) what is no JSON schema of a shape that can be filled; if `strict`, also what cannot be promised."""
    _check(schema, where, strict, schema, 0)


def _check(schema: object, where: str, strict: bool, root: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise invalid(f"{where}: the schema is nested too deeply")
    if not isinstance(schema, dict):
        raise invalid(f"{where}: a schema must be an object")
    _check_shape(schema, where, root)
    if strict:
        _check_promise(schema, where)
    for group in ("properties", "$defs"):
        for name, part in (schema.get(group) or {}).items():
            _check(part, f"{where}.{group}.{name}", strict, root, depth + 1)
    if "items" in schema:
        _check(schema["items"], f"{where}.items", strict, root, depth + 1)
    for keyword in ("anyOf", "allOf"):
        for index, part in enumerate(schema.get(keyword, [])):
            _check(part, f"{where}.{keyword}.{index}", strict, root, depth + 1)


def _check_shape(schema: dict[str, Any], where: str, root: object) -> None:
    kinds: list[Any] = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type", "string")]
    if not kinds or any(kind not in TYPES for kind in kinds):
        raise invalid(f"{where}.type: Input should be one of {', '.join(TYPES)}")
    for group in ("properties", "$defs"):
        if not isinstance(schema.get(group) or {}, dict):
            raise invalid(f"{where}.{group}: Input should be an object")
    for keyword in ("anyOf", "allOf", "enum"):
        if keyword in schema and not (isinstance(schema[keyword], list) and schema[keyword]):
            raise invalid(f"{where}.{keyword}: Input should be a list of at least one")
    required = schema.get("required") or []
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise invalid(f"{where}.required: Input should be a list of names")
    if "$ref" in schema:
        known = root.get("$defs") if isinstance(root, dict) else None
        name = str(schema["$ref"]).removeprefix(DEFINITIONS)
        if not isinstance(known, dict) or name not in known or schema["$ref"] != f"{DEFINITIONS}{name}":
            raise invalid(f"{where}.$ref: it has to name one of $defs")


def _check_promise(schema: dict[str, Any], where: str) -> None:
    for keyword in schema:
        if keyword in UNSUPPORTED:
            raise invalid(f"{where}: the property '{keyword}' is not supported")
    if schema.get("minItems") not in (None, 0, 1):
        raise invalid(f"{where}: 'minItems' values other than 0 or 1 are not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")


def fill(schema: dict[str, Any], request: str, *, name: str = "", root: dict[str, Any] | None = None) -> Any:
    """Return the smallest instance of `schema`, leaning to the answer that lets work go on.

    `request` (the person's words) fills properties called title; other free text says that no model was asked.
    """
    root = schema if root is None else root
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].removeprefix(DEFINITIONS)], request, name=name, root=root)
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
        wanted = schema.get("required") or []
        parts = schema.get("properties") or {}
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
    """Return a scripted tool input, made to fit the tool's schema: unknown properties dropped, required ones filled."""
    properties = schema.get("properties") or {}
    fitted = {
        key: part for key, part in value.items() if key in properties or schema.get("additionalProperties") is not False
    }
    for key in schema.get("required") or []:
        if key not in fitted:
            fitted[key] = fill(properties.get(key, {"type": "string"}), "", name=key, root=schema)
    return fitted
