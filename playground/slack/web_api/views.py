"""views.*: modals and the home tab.

Law: a modal opens only in answer to a person's act, proven by a trigger id that lives three seconds and works once.
"""

from __future__ import annotations

from playground.slack.state import Doc
from playground.slack.tokens import TriggerError
from playground.slack.views import ViewError
from playground.slack.web_api.content import checked_view
from playground.slack.web_api.registry import ApiError, Call, invalid, method

TRIGGERS = "expired_trigger_id, exchanged_trigger_id, invalid_trigger_id, invalid_arguments"


def _person(call: Call) -> str:
    try:
        return call.parts.tokens.redeem(call.text("trigger_id"))
    except TriggerError as problem:
        raise ApiError(str(problem)) from None


@method("views.open", required="trigger_id view", refuses=f"{TRIGGERS}, duplicate_external_id")
async def open_(call: Call) -> Doc:
    view = checked_view(call.args["view"])
    try:
        return {"view": call.parts.views.open(_person(call), view)}
    except ViewError as problem:
        raise ApiError(str(problem)) from None


@method("views.push", required="trigger_id view", refuses=f"{TRIGGERS}, not_found, push_limit_reached")
async def push(call: Call) -> Doc:
    view = checked_view(call.args["view"])
    try:
        return {"view": call.parts.views.push(_person(call), view)}
    except ViewError as problem:
        raise ApiError(str(problem)) from None


@method(
    "views.update",
    required="view",
    optional="view_id external_id hash",
    refuses="not_found, hash_conflict, invalid_arguments",
)
async def update(call: Call) -> Doc:
    if ("view_id" in call.args) == ("external_id" in call.args):
        raise invalid("exactly one of view_id and external_id is required")
    view = checked_view(call.args["view"])
    try:
        found = call.parts.views.update(
            call.args.get("view_id"), call.args.get("external_id"), view, call.args.get("hash")
        )
    except ViewError as problem:
        raise ApiError(str(problem)) from None
    return {"view": found}


@method(
    "views.publish",
    required="user_id view",
    optional="hash",
    refuses="user_not_found, hash_conflict, invalid_arguments",
)
async def publish(call: Call) -> Doc:
    user = call.user("user_id")
    view = checked_view(call.args["view"], "home")
    try:
        return {"view": call.parts.views.publish(user["id"], view, call.args.get("hash"))}
    except ViewError as problem:
        raise ApiError(str(problem)) from None
