"""Block Kit's limits, one case each; what the SDK's own models build is taken."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk

from playground.slack.blockkit import block_problems
from playground.slack.view_shapes import view_problems

Doc = dict[str, Any]


def plain(text: str) -> Doc:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Doc:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Doc:
    return {"type": "button", "action_id": "a", "text": plain("Go")} | more


def actions(*elements: Doc, **more: Any) -> Doc:
    return {"type": "actions", "elements": list(elements)} | more


def option(value: str) -> Doc:
    return {"text": plain(value[:75]), "value": value}


CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("*Really*"), "confirm": plain("Yes"), "deny": plain("No")}
GOOD: list[Doc] = [
    {"type": "section", "text": mrkdwn("x" * 3000), "accessory": button()},
    {"type": "section", "fields": [mrkdwn("a"), plain("b")]},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {
        "type": "context",
        "elements": [mrkdwn("a"), {"type": "image", "image_url": "https://a.b/c.png", "alt_text": "c"}],
    },
    actions(button(style="primary", value="x" * 2000, confirm=CONFIRM), button(action_id="b", url="https://a.b")),
    {"type": "image", "image_url": "https://a.b/c.png", "alt_text": "c", "title": plain("t")},
    {"type": "markdown", "text": "# hi"},
]
BAD: list[tuple[Doc, str]] = [
    ({"type": "sektion"}, "unsupported type: sektion [json-pointer:/blocks/0/type]"),
    ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    (
        {"type": "section", "text": mrkdwn("x" * 3001)},
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ({"type": "section", "text": mrkdwn("")}, "must be more than 0 characters"),
    ({"type": "section", "text": "hello"}, "unsupported type"),
    ({"type": "section", "txt": mrkdwn("x"), "text": mrkdwn("x")}, "no such field: txt"),
    ({"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10 items"),
    ({"type": "section", "text": mrkdwn("x"), "accessory": {"type": "plain_text_input"}}, "unsupported type"),
    ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
    ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items"),
    ({"type": "divider", "block_id": "x" * 256}, "less than 256"),
    (actions(), "no less than 1 items"),
    (actions(*[button(action_id=str(n)) for n in range(26)]), "no more than 25 items"),
    (actions(button(text=plain("x" * 76))), "less than 76"),
    (actions(button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
    (actions(button(value="x" * 2001)), "less than 2001"),
    (actions(button(action_id="x" * 256)), "less than 256"),
    (actions(button(style="default")), "must be one of primary, danger"),
    (actions(button(url="javascript:alert(1)")), "must be a valid URL"),
    (actions(button(confirm={"title": plain("x")})), "missing required field: text"),
    (actions(button(), button()), '`action_id` "a" already exists'),
    (actions({"type": "static_select", "action_id": "s"}), "missing required field: options"),
    (actions({"type": "overflow", "action_id": "o", "options": [option(str(n)) for n in range(6)]}), "no more than 5"),
    (
        actions({"type": "radio_buttons", "options": [option("a")], "initial_option": option("b")}),
        "not among the options",
    ),
    (actions({"type": "radio_buttons", "options": [option("x" * 151)]}), "less than 151"),
    ({"type": "image", "alt_text": "x"}, "exactly one of image_url and slack_file"),
    ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "unsupported type: text"),
    ({"type": "alert", "text": mrkdwn("x")}, "unsupported type: alert"),
    ({"type": "markdown", "text": "x" * 12_001}, "less than 12001"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_a_block_at_its_limits_is_taken(block: Doc) -> None:
    assert block_problems([block]) == []


@pytest.mark.parametrize(("block", "sentence"), BAD)
def test_a_block_past_its_limits_is_refused(block: Doc, sentence: str) -> None:
    assert any(sentence in problem for problem in block_problems([block])), block_problems([block])


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    assert block_problems([{"type": "divider"}] * 50) == []
    assert block_problems([{"type": "divider"}] * 51) != []
    assert block_problems([{"type": "divider"}] * 100, "modal") == []
    assert block_problems([{"type": "divider"}] * 101, "home") != []


def test_block_ids_are_unique() -> None:
    assert block_problems([{"type": "divider", "block_id": "a"}] * 2) == [
        '[ERROR] `block_id` "a" already exists [json-pointer:/blocks]'
    ]


@pytest.mark.parametrize("value", [None, 7, "x", {"type": "divider"}, [None], [[]], [{"type": []}], [{"type": {}}]])
def test_nonsense_is_refused_without_raising(value: Any) -> None:
    assert block_problems(value) != []


def test_what_the_sdk_builds_is_taken() -> None:
    made = [
        sdk.HeaderBlock(text="Ready"),
        sdk.SectionBlock(text="*hello*", accessory=sdk.OverflowMenuElement(options=[sdk.Option(value="a", label="A")])),
        sdk.ContextBlock(elements=[sdk.MarkdownTextObject(text="ctx")]),
        sdk.ActionsBlock(
            elements=[
                sdk.ButtonElement(
                    text="Go", action_id="go", style="danger", confirm=sdk.ConfirmObject(title="t", text="x")
                )
            ]
        ),
        sdk.InputBlock(label="Why", element=sdk.PlainTextInputElement(action_id="why", multiline=True)),
    ]
    assert block_problems([block.to_dict() for block in made]) == []


TITLE = plain("Title")
FIELD = {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input", "action_id": "why"}}
VIEW = {"type": "modal", "title": TITLE, "submit": plain("Send"), "blocks": [FIELD]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": plain("x" * 25)}, "less than 25"),
        ({"submit": plain("x" * 25)}, "less than 25"),
        ({"close": plain("x" * 25)}, "less than 25"),
        ({"private_metadata": "x" * 3001}, "less than 3001"),
        ({"blocks": []}, "no less than 1"),
        ({"colour": "red"}, "no such field: colour"),
        ({"type": "sheet"}, "must be one of modal"),
    ],
)
def test_a_view_past_its_limits_is_refused(change: Doc, sentence: str) -> None:
    assert any(sentence in problem for problem in view_problems(VIEW | change))


def test_a_modal_with_an_input_needs_a_submit_button() -> None:
    assert view_problems(VIEW) == []
    assert view_problems({key: value for key, value in VIEW.items() if key != "submit"}) != []
    assert view_problems({"type": "home", "blocks": [FIELD]}, "home") == []
