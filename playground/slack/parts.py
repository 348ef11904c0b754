"""All parts of one running stand-in, put together once.

Law: parts know each other only through here; nothing is global, so that two workspaces can run in one process.
"""

from __future__ import annotations

import secrets

from playground.slack.bus import Bus
from playground.slack.config import SlackStandInConfig
from playground.slack.deliveries import Deliveries
from playground.slack.faults import Faults
from playground.slack.interactivity import Interactivity
from playground.slack.socket_mode import SocketHub
from playground.slack.state import State
from playground.slack.tokens import Tokens
from playground.slack.views import Views
from playground.slack.workspace import Workspace


class Parts:
    def __init__(self, config: SlackStandInConfig) -> None:
        self.config = config
        self.state = State(config.state_path)
        self.bus = Bus()
        self.faults = Faults()
        self.sockets = SocketHub(config.app_id)
        self.deliveries = Deliveries(config, self.state, self.sockets)
        self.workspace = Workspace(config, self.state, self.bus, self.deliveries.event)
        self.views = Views(config, self.state, self.bus)
        self.tokens = Tokens(config, self.state)
        self.interactivity = Interactivity(config, self.workspace, self.views, self.tokens, self.deliveries)
        self.calls: list[str] = []
        self.page_key = secrets.token_urlsafe(18)  # lets the page, and nobody else without a token, show files
