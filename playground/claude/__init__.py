"""A scripted stand-in for Claude: the Messages API, spoken strictly, with replies read from scripts.

The law here: nothing of this package may ever look like the real model. Every response says `x-shipmate-scripted: true`
and every message id begins with `msg_scripted_`.
"""

from playground.claude.config import ClaudeStandInConfig

__all__ = ["ClaudeStandInConfig"]
