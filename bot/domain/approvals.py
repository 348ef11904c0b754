"""The approvals that a change still needs, as data; `bot.domain.wanted` computes them."""

from __future__ import annotations

from bot.domain.frozen import Frozen


class Wanted(Frozen):
    """Whose yes is still missing, for people to read.

    `yeses` is how many at least; 0 where nobody can give one. `people` are Slack ids; where there are none it is any
    member but the `but` (names). With `together`, those can also do it by a yes from each. `unplaced` are GitHub
    logins of authors ("" where even that is unknown) whom we can't tell from the people here.
    """

    yeses: int = 1
    people: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    together: bool = False
    unplaced: tuple[str, ...] = ()
