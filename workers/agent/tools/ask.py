"""The model's question to the people in the thread. Calling it ends the run until a person answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workers.agent import Block

NAME = "ask"
Option = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]

TOOL: Block = {
    "name": NAME,
    "description": (
        "Ask the person one question and stop until they answer. Use it only when the answer changes what you would "
        "build and the repository does not tell. Must be the only tool call of its reply."
    ),
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {
            "question": {
                "type": "string",
                "description": "One short question, at most 400 characters, that fits a phone.",
            },
            "options": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Two to five answers to tap, at most 60 characters each; empty if none fit.",
            },
        },
        "required": ["question"],
        "additionalProperties": False,
    },
}


class Ask(BaseModel):
    """The limits that the service does not enforce."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
    options: Annotated[tuple[Option, ...], Field(max_length=5)] = ()
