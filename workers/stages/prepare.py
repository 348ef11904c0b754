"""prepare: update the mirror and find the commit that the change starts from."""

from __future__ import annotations

from bot.domain import ids
from bot.domain.events import Prepared
from workers import GiveUp, TryAgain
from workers.agent import prompts
from workers.judge.prompts import JUDGE_HASH
from workers.stages.context import StageContext
from workers.stages.provision import unreachable
from workers.workspace import RemoteRefused


def prepare(context: StageContext) -> Prepared:
    """Fetch the base. A second run fetches again and may find a newer base; nothing outside is changed."""
    tools = context.tools
    repository = tools.forge.repository(context.repository)
    try:
        mirror = context.mirror()
        mirror.fetch()
    except RemoteRefused as refused:
        raise unreachable(context.repository, refused) from refused
    base = mirror.sha(repository.default_branch)
    if base is None:
        raise GiveUp(
            f"{context.repository} has no branch {repository.default_branch} yet.",
            "Push a first commit, then try again.",
        )
    return Prepared(
        base_branch=repository.default_branch,
        base_sha=base,
        sandbox=tools.sandbox.name,
        model=context.model.name,
        scripted=tools.scripted(),
        prompts=ids.digest(prompts.HASH, JUDGE_HASH, size=32),
        permalink=_permalink(context),
    )


def _permalink(context: StageContext) -> str | None:
    """Return the link back to the request. Asked for once, since it becomes part of the commit."""
    place = context.change.place
    try:
        return context.tools.chat.permalink(place.channel, place.message_ts)
    except (TryAgain, GiveUp):  # the change matters more than the link
        return None
