"""Translate Slack's error answers into `TryAgain` and `GiveUp`, with a sentence for people.

Law: a rate limit becomes `TryAgain`, and the wait happens in the database. A worker never sleeps for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from workers import GiveUp, TryAgain

OPERATOR = "Shipmate's operator has to fix this; `shipmate doctor` says what is wrong."
LONGEST_WAIT = 3600.0
AGAIN = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)
"""Errors that Slack asks to be tried again later."""

REASONS: Mapping[str, tuple[str, str]] = {
    "not_in_channel": ("I am not in that channel.", "Invite me there with /invite @Shipmate, then tap Try again."),
    "channel_not_found": (
        "I cannot see that channel.",
        "Invite me there with /invite @Shipmate, then tap Try again.",
    ),
    "is_archived": ("That channel is archived.", "Unarchive it, or ask again in another channel."),
    "thread_not_found": ("The thread was deleted.", "Ask again in a new message."),
    "message_not_found": ("The message was deleted.", "Ask again in a new message."),
    "restricted_action": ("The workspace doesn't let me post in that channel.", "Ask an admin of the workspace."),
    "restricted_action_read_only_channel": ("That channel is read-only.", "Ask again in another channel."),
    "invalid_auth": ("Slack rejects Shipmate's token.", OPERATOR),
    "not_authed": ("Shipmate has no Slack token.", OPERATOR),
    "token_revoked": ("Shipmate's Slack token was revoked.", f"Install the app again. {OPERATOR}"),
    "token_expired": ("Shipmate's Slack token has expired.", f"Install the app again. {OPERATOR}"),
    "account_inactive": ("Shipmate's Slack app was removed from the workspace.", f"Install the app again. {OPERATOR}"),
}


def fault(status: int, headers: Mapping[str, object], data: Mapping[str, object], doing: str) -> TryAgain | GiveUp:
    """Return the failure behind an answer of the Web API; `doing` reads like "post a message"."""
    error = str(data.get("error") or "")
    if status == 429 or error in {"ratelimited", "rate_limited"}:
        return TryAgain(_seconds(headers), "Slack asked us to slow down.")
    if status >= 500 or error in AGAIN:
        return TryAgain(5.0, f"Slack had an internal error ({error or status}).", counts=True)
    if error == "missing_scope":
        needed = str(data.get("needed") or "one that is missing")
        return GiveUp(
            f"Shipmate's Slack app may not {doing}: it lacks the scope {needed}.",
            f"Add {needed} to the app's bot scopes and install it again. {OPERATOR}",
        )
    if error in REASONS:
        return GiveUp(*REASONS[error])
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    detail = f" ({'; '.join(map(str, messages))[:300]})" if isinstance(messages, list) and messages else ""
    return GiveUp(f"Slack refused to {doing}: {error or status}{detail}.", OPERATOR)


def unreachable(why: str) -> TryAgain:
    """Return the failure for a missing answer. The call may have had its effect all the same."""
    return TryAgain(5.0, f"Slack could not be reached ({why}).")


def _seconds(headers: Mapping[str, object]) -> float:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return min(max(float(str(value if value is not None else 10.0)), 1.0), LONGEST_WAIT)
    except ValueError:
        return 10.0
