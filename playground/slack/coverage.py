"""What the stand-in does as Slack does, and what it refuses: the documentation's table, printed from the registrations.

`python -m playground.slack.coverage` prints it. Law: a line here names something a test has seen working.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from playground.slack import web_api
from playground.slack.acts import ACTS
from playground.slack.blockkit import BLOCKS
from playground.slack.element_shapes import ELEMENTS
from playground.slack.events import NEEDED_SCOPE
from playground.slack.faults import KINDS
from playground.slack.web_api.registry import METHODS, Method

INTRODUCTION = """\
# The Slack stand-in: what it covers

The playground's Slack is one workspace with one app installed, for unmodified Slack SDKs: point `SLACK_API_URL` at its
`/api/`, and take its deliveries at the app's request URL or over Socket Mode. It is stricter than Slack on purpose: an
argument or a block key it does not know is refused with its name, where Slack would ignore it. This page is printed by
`python -m playground.slack.coverage`; a test compares the two.
"""

EVENT_NOTES = {
    "app_mention": "in channels, beside the `message` event; not in direct messages, not inside code",
    "message.channels": "new, `message_changed`, `message_deleted`, `file_share`, `thread_broadcast`; own echo too",
    "message.groups": "as `message.channels`, in private channels",
    "message.im": "as `message.channels`, in the direct message with the app",
    "app_home_opened": "tabs `messages` and `home`",
}

DELIVERY = """\
Deliveries are signed (`v0`), time out after 3 s, and are tried again at once, after 1 minute and after 5 minutes with
`X-Slack-Retry-Num` and `X-Slack-Retry-Reason`; `X-Slack-No-Retry: 1` is honoured; the queue survives a restart. Over
Socket Mode the same queue sends envelopes and waits for their acknowledgement (`hello`, `disconnect`, 10 connections).
"""

INTERACTIONS = (
    ("block_actions", "messages, ephemeral messages, modals, home tab; `state.values`, `trigger_id`, `response_url`"),
    (
        "view_submission",
        "`response_action` of errors, update, push, clear; the phone's own required-field complaints first",
    ),
    ("view_closed", "for views with `notify_on_close`"),
    ("message_action", "message shortcuts declared in the config"),
    ("slash commands", "declared in the config; an answer in the acknowledgement or by `response_url`; not in threads"),
    ("response_url", "5 uses in 30 minutes; `replace_original`, `delete_original`, `in_channel`, `ephemeral`"),
)

NOT_COVERED = (
    "more than one workspace or app, OAuth, Enterprise Grid, shared channels beyond the flag on a channel or user",
    "group direct messages, pins, bookmarks, canvases, calls, search, presence, workflows, scheduled messages",
    "link unfurling, legacy attachments beyond `text` and `blocks`, `card`, `carousel`, `container`, `plan`,"
    " `task_card`, `data_table` and `video` blocks, external selects, file inputs, streaming messages",
    "Slack's real rate limits (429 comes only on order), and multipart bodies",
)


def table() -> str:
    """Return the whole page as Markdown."""
    parts = [INTRODUCTION, "## Web API\n", "| method | scope | takes | refuses with |", "| --- | --- | --- | --- |"]
    parts += [_row(METHODS[name]) for name in sorted(METHODS)]
    parts += [
        "",
        "Every method also answers `not_authed`, `invalid_auth`, `not_allowed_token_type`, `missing_scope` (`needed`,",
        "`provided`), `invalid_arguments` (`response_metadata.messages`), `team_access_not_granted`; any other is",
        "`unknown_method`.",
        "",
        "## Events\n",
        "| subscription | scope | notes |",
        "| --- | --- | --- |",
    ]
    parts += [f"| `{name}` | `{scope or '—'}` | {EVENT_NOTES[name]} |" for name, scope in NEEDED_SCOPE.items()]
    parts += ["", DELIVERY, "## Interactivity\n", "| payload | notes |", "| --- | --- |"]
    parts += [f"| {name} | {notes} |" for name, notes in INTERACTIONS]
    parts += ["", "## Block Kit\n", f"Blocks: {_listed(BLOCKS)}.\n", f"Elements: {_listed(ELEMENTS)}.\n"]
    parts += [
        "Checked: known keys, required keys, every documented length and count, unique ids. All of them are drawn.\n"
    ]
    parts += ["## For tests\n", f"Acts of a person: {_listed(ACTS)}. Faults of a method: {_listed(KINDS)}."]
    parts += ["Deliveries can be repeated, reordered (seeded), held and released. See `SlackPhone` in `client.py`.\n"]
    parts += ["## Not covered\n", *(f"- {line}" for line in NOT_COVERED)]
    return "\n".join(parts) + "\n"


def _row(method: Method) -> str:
    takes = ", ".join([f"**{name}**" for name in method.required] + list(method.optional)) or "—"
    scope = "app token" if method.app_token else ", ".join(f"`{name}`" for name in method.scopes) or "—"
    if method.by_kind:
        scope = ", ".join(f"`{kind}:{method.by_kind}`" for kind in ("channels", "groups", "im")) + " by kind"
    return f"| `{method.name}` | {scope} | {takes} | {method.refuses or '—'} |"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


__all__ = ["table", "web_api"]

if __name__ == "__main__":
    sys.stdout.write(table())
