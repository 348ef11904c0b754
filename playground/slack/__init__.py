"""A stand-in for Slack: one workspace, its Web API, its deliveries to one app, and a phone page for its people.

Law: it knows Slack and nothing of the app under test. What an app could not learn from Slack, it does not learn here.
"""

from playground.slack.app import create_app
from playground.slack.client import SlackPhone
from playground.slack.config import (
    ANA,
    BEN,
    CLEO,
    EVE,
    MALLORY,
    RANDOM,
    TILL,
    ChannelSeed,
    MessageShortcut,
    Person,
    SlackStandInConfig,
    SlashCommand,
    Suggestion,
)

__all__ = [
    "ANA",
    "BEN",
    "CLEO",
    "EVE",
    "MALLORY",
    "RANDOM",
    "TILL",
    "ChannelSeed",
    "MessageShortcut",
    "Person",
    "SlackPhone",
    "SlackStandInConfig",
    "SlashCommand",
    "Suggestion",
    "create_app",
]
