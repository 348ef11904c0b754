"""Slack's Web API at `/api/<method>`; importing this package registers every method."""

from playground.slack.web_api import (  # noqa: F401  (imported for their registrations)
    chat,
    conversations,
    files,
    people,
    reactions,
    views,
    workspace_facts,
)
