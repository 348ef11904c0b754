"""From a tool call of the model to what is done. Whatever is wrong with a call is told to the model, never raised."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import ValidationError

from workers.agent import Block
from workers.agent.tools import ask, bash, editor, finish
from workers.agent.tools.answer import Answer
from workers.agent.tools.ask import Ask
from workers.agent.tools.finish import Finish
from workers.sandbox import Session

RUNNERS = {bash.NAME: bash.run, editor.NAME: editor.run}
MODELS: dict[str, type[Ask] | type[Finish]] = {ask.NAME: Ask, finish.NAME: Finish}


def run(name: str, given: object, session: Session, cancelled: Callable[[], bool]) -> Answer:
    """Run one call in the sandbox. `cancelled` ends it early; the answer then means nothing."""
    runner = RUNNERS.get(name)
    if runner is None:
        return Answer(f"There is no tool named {name[:100]}.", failed=True)
    if not isinstance(given, dict):
        return Answer("The call's input must be an object.", failed=True)
    return runner(given, session, cancelled)


def read_ending(call: Block) -> Ask | Finish | Answer:
    """The validated input of `ask` or `finish`, or what is wrong with it."""
    try:
        return MODELS[call["name"]].model_validate(call.get("input"))
    except ValidationError as wrong:
        problems = "; ".join(
            f"`{'.'.join(map(str, one['loc'])) or 'input'}`: {one['msg']}" for one in wrong.errors(include_input=False)
        )
        return Answer(f"Not accepted: {problems}. Call `{call['name']}` again.", failed=True)
