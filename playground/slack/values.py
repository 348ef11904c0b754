"""From what a person picked to the shapes Slack reports: action objects and `state.values`.

Law: only what the block offers can be picked; anything else is refused here, as a phone could not have done it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from playground.slack.state import Doc

Picked = Any

ONE_OPTION = {"static_select", "radio_buttons", "overflow"}
MANY_OPTIONS = {"multi_static_select", "checkboxes"}
SCALARS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}


class NotOffered(Exception):
    """The person cannot have picked that."""


def elements(blocks: list[Doc]) -> Iterator[tuple[Doc, Doc]]:
    """Yield every interactive element with its block."""
    for block in blocks:
        inner = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for element in inner:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find(blocks: list[Doc], action_id: str, block_id: str | None) -> tuple[Doc, Doc]:
    """Return the block and element with this action id. Raises NotOffered."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in (None, block["block_id"]):
            return block, element
    raise NotOffered(f"there is no element {action_id!r} here")


def action(block: Doc, element: Doc, picked: Picked) -> Doc:
    """Return one entry of a block_actions payload's `actions`."""
    made: Doc = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    if element["type"] == "button":
        kept = ("text", "value", "style", "url", "confirm")
        made |= {key: element[key] for key in kept if key in element}
    elif element["type"] == "feedback_buttons":
        buttons = [element["positive_button"], element["negative_button"]]
        button = next((button for button in buttons if button["value"] == picked), None)
        if button is None:
            raise NotOffered("not one of the feedback buttons")
        made |= {"value": button["value"], "text": button["text"]}
    else:
        made |= {key: value for key, value in selected(element, picked).items() if key != "type"}
    return made | {"action_ts": f"{time.time():.6f}"}


def selected(element: Doc, picked: Picked) -> Doc:
    """Return the state of one element with this picked: a string, or a list for elements that take several."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return {"type": kind, "selected_option": None if picked in (None, "") else _option(element, picked)}
    if kind in MANY_OPTIONS:
        wanted = picked if isinstance(picked, list) else [] if picked in (None, "") else [picked]
        return {"type": kind, "selected_options": [_option(element, value) for value in wanted]}
    if kind == "rich_text_input":
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(picked or "")}]}
        return {"type": kind, "rich_text_value": {"type": "rich_text", "elements": [section]} if picked else None}
    if kind == "multi_users_select":
        return {"type": kind, "selected_users": list(picked or [])}
    if kind == "file_input":
        return {"type": kind, "files": list(picked or [])}
    if kind in SCALARS:
        return {"type": kind, SCALARS[kind]: None if picked in (None, "") else picked}
    raise NotOffered(f"a {kind} holds no value")


def _option(element: Doc, value: Picked) -> Doc:
    groups = [option for group in element.get("option_groups", []) for option in group["options"]]
    for option in [*element.get("options", []), *groups]:
        if option["value"] == value:
            return dict(option)
    raise NotOffered(f"{value!r} is not among the options of {element['action_id']!r}")


def initial(element: Doc) -> Picked:
    """Return what is picked before anybody touched the element."""
    kind = element["type"]
    if kind in ONE_OPTION:
        return (element.get("initial_option") or {}).get("value")
    if kind in MANY_OPTIONS:
        return [option["value"] for option in element.get("initial_options", [])]
    if kind in SCALARS:
        return element.get("initial_" + SCALARS[kind].removeprefix("selected_"), element.get("initial_value"))
    return None


def state_values(blocks: list[Doc], picked: Doc) -> Doc:
    """Return `state.values` of a view or message. `picked` is {block_id: {action_id: value}} or {action_id: value}."""
    values: Doc = {}
    for block, element in elements(blocks):
        if element["type"] in ("button", "overflow", "feedback_buttons", "icon_button", "workflow_button"):
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        within = picked.get(block_id)
        own = (within if isinstance(within, dict) else picked).get(action_id, initial(element))
        values.setdefault(block_id, {})[action_id] = selected(element, own)
    return values


def missing(blocks: list[Doc], values: Doc) -> Doc:
    """Return what the phone itself complains about before it submits: {block_id: sentence}."""
    complaints: Doc = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values[block["block_id"]][element["action_id"]]
        value = next((found for key, found in state.items() if key != "type"), None)
        if not value and not block.get("optional"):
            complaints[block["block_id"]] = "Please complete this required field."
        elif value and element["type"] == "plain_text_input":
            low, high = element.get("min_length", 0), element.get("max_length", 3000)
            if not low <= len(value) <= high:
                complaints[block["block_id"]] = f"Please write between {low} and {high} characters."
    return complaints
