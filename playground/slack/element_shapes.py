"""Block Kit's interactive elements and composition objects, with their limits.

Law: a limit here is the documented one; where the documentation says nothing, the stricter reading holds.
"""

from __future__ import annotations

from typing import Any

from playground.slack.shapes import (
    Problems,
    Rule,
    anything,
    boolean,
    by_type,
    choice,
    integer,
    many,
    plain_text,
    problem,
    record,
    string,
    text,
    url,
)

ACTION_ID = {"action_id": string(255)}
CONFIRM = record(
    {"title": plain_text(100), "text": text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": choice("primary", "danger")},
)
OPTION = record({"text": plain_text(75), "value": string(150)}, {"description": plain_text(75)})
RICH_OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75)})
OVERFLOW_OPTION = record({"text": plain_text(75), "value": string(150)}, {"description": plain_text(75), "url": url()})
GROUP = record({"label": plain_text(75), "options": many(OPTION, 100)})
DISPATCH = record({"trigger_actions_on": many(choice("on_enter_pressed", "on_character_entered"), 2)})
ASKS = {"placeholder": plain_text(150), "focus_on_load": boolean, "confirm": CONFIRM, **ACTION_ID}


def _initial_offered(value: Any, path: str, problems: Problems) -> None:
    if "options" not in value and "option_groups" not in value:
        problem(problems, "missing required field: options", path)
    groups = value.get("option_groups", [])
    offered = list(value.get("options", [])) if isinstance(value.get("options", []), list) else []
    if isinstance(groups, list):
        offered += [option for group in groups if isinstance(group, dict) for option in group.get("options", [])]
    picked = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    for option in picked if isinstance(picked, list) else []:
        if option not in offered:
            problem(problems, "initial option is not among the options", path)
    values = [option.get("value") for option in offered if isinstance(option, dict)]
    if len({str(item) for item in values}) != len(values):
        problem(problems, "option values must be unique", path)


def _lengths_agree(value: Any, path: str, problems: Problems) -> None:
    low, high = value.get("min_length", 0), value.get("max_length", 3000)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problem(problems, "min_length must not be more than max_length", path)


def _select(extra: dict[str, Rule]) -> Rule:
    return record({}, {**ASKS, **extra})


def _chooser(most: int, option: Rule, initial: str) -> Rule:
    picked = option if initial == "initial_option" else many(option, most)
    optional = {initial: picked, "confirm": CONFIRM, "focus_on_load": boolean, **ACTION_ID}
    return record({"options": many(option, most)}, optional, _initial_offered)


def _listed(initial: str, extra: dict[str, Rule]) -> Rule:
    optional = {"options": many(OPTION, 100), "option_groups": many(GROUP, 100), **ASKS, **extra}
    picked = OPTION if initial == "initial_option" else many(OPTION, 100)
    return record({}, optional | {initial: picked}, _initial_offered)


SINGLE_LINE = {"initial_value": string(3000, 0), "dispatch_action_config": DISPATCH, "placeholder": plain_text(150)}
TYPED = {"focus_on_load": boolean, **SINGLE_LINE, **ACTION_ID}
LENGTHS: dict[str, Rule] = {"min_length": integer(0, 3000), "max_length": integer(1, 3000), "multiline": boolean}
NUMERIC: dict[str, Rule] = {"min_value": string(50), "max_value": string(50)}
FEEDBACK = record({"text": plain_text(75), "value": string(2000)}, {"accessibility_label": string(75)})

ELEMENTS: dict[str, Rule] = {
    "button": record(
        {"text": plain_text(75)},
        {
            "url": url(),
            "value": string(2000),
            "style": choice("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": many(string(30), 100),
            **ACTION_ID,
        },
    ),
    "static_select": _listed("initial_option", {}),
    "multi_static_select": _listed("initial_options", {"max_selected_items": integer(1, 100)}),
    "users_select": _select({"initial_user": string(30)}),
    "multi_users_select": _select({"initial_users": many(string(30), 100), "max_selected_items": integer(1, 100)}),
    "conversations_select": _select({"initial_conversation": string(30), "default_to_current_conversation": boolean}),
    "channels_select": _select({"initial_channel": string(30)}),
    "overflow": record({"options": many(OVERFLOW_OPTION, 5)}, {"confirm": CONFIRM, **ACTION_ID}),
    "radio_buttons": _chooser(10, RICH_OPTION, "initial_option"),
    "checkboxes": _chooser(10, RICH_OPTION, "initial_options"),
    "datepicker": _select({"initial_date": string(10)}),
    "timepicker": _select({"initial_time": string(5), "timezone": string(60)}),
    "plain_text_input": record({}, TYPED | LENGTHS, _lengths_agree),
    "email_text_input": record({}, TYPED),
    "url_text_input": record({}, TYPED),
    "number_input": record({"is_decimal_allowed": boolean}, TYPED | NUMERIC),
    "image": record({"alt_text": string(2000)}, {"image_url": url(), "slack_file": anything}),
    "feedback_buttons": record({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {**ACTION_ID}),
    "icon_button": record(
        {"icon": choice("trash"), "text": plain_text(75)},
        {"value": string(2000), "confirm": CONFIRM, "accessibility_label": string(75), **ACTION_ID},
    ),
}

TYPED_KINDS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
CHOSEN_KINDS = (
    "static_select",
    "multi_static_select",
    "users_select",
    "multi_users_select",
    "conversations_select",
    "channels_select",
    "radio_buttons",
    "checkboxes",
    "datepicker",
    "timepicker",
)

IN_SECTION = by_type(ELEMENTS, {"button", "overflow", "image", *CHOSEN_KINDS})
IN_ACTIONS = by_type(ELEMENTS, {"button", "overflow", *CHOSEN_KINDS} - {"multi_static_select", "multi_users_select"})
IN_INPUT = by_type(ELEMENTS, {*TYPED_KINDS, *CHOSEN_KINDS})
IN_CONTEXT_ACTIONS = by_type(ELEMENTS, {"feedback_buttons", "icon_button"})
