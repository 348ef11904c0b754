"""The `shipmate` command: it starts, checks and tries everything; it stands above bot, workers and playground."""

__version__ = "0.1.0"
