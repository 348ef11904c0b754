"""Doctor names approvers whose yes would count for nothing."""

from __future__ import annotations

from bot.checkup.every import people
from bot.domain.rules import Rules


def test_an_approver_who_is_not_in_the_map_is_named_with_the_line_to_add() -> None:
    [found] = people(Rules(people={"U0ANA": "ana"}, may_approve=("U0ANA", "U0BEN")))
    assert (found.level, found.says) == ("warn", "may approve by [roles], but can't without a GitHub login: U0BEN")
    assert 'U0BEN = { github = "their-login" }' in found.fix


def test_a_map_with_every_approver_is_fine_and_without_a_map_there_is_nothing_to_say() -> None:
    assert [one.level for one in people(Rules(people={"U0ANA": "ana"}, may_approve=("U0ANA",)))] == ["ok"]
    assert people(Rules(may_approve=("U0BEN",))) == []
