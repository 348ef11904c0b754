"""The model's proposal: the workspace as it stands, with words for the person who decides."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from workers.agent import Block

NAME = "finish"

TOOL: Block = {
    "name": NAME,
    "description": (
        "Propose the workspace as it stands now. Call it when the request is done and you have seen the tests pass. "
        "Must be the only tool call of its reply."
    ),
    "strict": True,
    "input_schema": {
        "type": "object",
        "properties": {
            "title": {
                "type": "string",
                "description": "Commit subject in the imperative, one line, at most 70 characters.",
            },
            "summary": {
                "type": "string",
                "description": "One to three plain sentences for a product manager: what is different for users now.",
            },
            "proven": {"type": "string", "description": "Which tests you wrote and ran, and what you saw."},
            "risks": {
                "type": "string",
                "description": "What could go wrong or could not be checked; empty if nothing.",
            },
        },
        "required": ["title", "summary"],
        "additionalProperties": False,
    },
}


def _one_line(title: str) -> str:
    if "\n" in title or "\r" in title:
        raise ValueError("must be one line")
    return title


Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Finish(BaseModel):
    """The limits that the service does not enforce."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=100), AfterValidator(_one_line)
    ]
    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500)]
    proven: Long = ""
    risks: Long = ""
