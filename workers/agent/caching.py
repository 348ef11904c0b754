"""Mark the places of a request that the prompt cache keeps.

Law: cache markers are set only on our own messages. A reply of the model is sent back as it came.
"""

from __future__ import annotations

from workers.agent import Block

HOUR: Block = {"type": "ephemeral", "ttl": "1h"}
MINUTES: Block = {"type": "ephemeral"}


def marked(messages: list[Block]) -> list[Block]:
    """Return the messages with a marker where the last request ended, so that it is found whatever came since.

    The end of this request is marked by the service. The conversation is kept for five minutes and the tools and the
    system prompt, which all changes share, for an hour: keeping a conversation for an hour costs 0.75 of its input
    more, and a return to it within that hour saves 1.2, so more than six in ten would have to wait that long.
    """
    asked = [at for at, message in enumerate(messages) if message["role"] == "assistant"]
    if not asked or asked[-1] == 0:
        return messages
    at = asked[-1] - 1
    while messages[at]["role"] != "user":
        at -= 1  # a paused reply goes before the one that went on from it, and nothing of a reply is ever touched
    before = messages[at]
    if not isinstance(before["content"], list):
        return messages
    *rest, last = before["content"]
    return [*messages[:at], {**before, "content": [*rest, {**last, "cache_control": MINUTES}]}, *messages[at + 1 :]]
