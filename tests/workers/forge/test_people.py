"""What GitHub says of people, asked of the stand-in."""

from __future__ import annotations

import pytest

from tests.workers.forge.conftest import Shop
from workers import GiveUp, TryAgain
from workers.forge import people


@pytest.mark.parametrize(
    ("role", "may"),
    [("none", False), ("read", False), ("triage", False), ("write", True), ("maintain", True), ("admin", True)],
)
def test_a_person_may_push_by_their_own_role(shop: Shop, role: str, may: bool) -> None:
    shop.desk.role(shop.repo, "ben", role)
    assert shop.forge.may_push(shop.repo, "BEN") is may


def test_somebody_whom_github_does_not_know_may_not(shop: Shop) -> None:
    assert shop.forge.may_push(shop.repo, "nobody-at-all") is False


def test_where_github_does_not_say_it_nobody_is_taken_to_be_allowed(shop: Shop) -> None:
    shop.desk.fail_next(
        "GET", r"/permission$", status=403, message="Must have push access to view collaborator permission."
    )
    with pytest.raises(GiveUp, match="Must have push access"):
        shop.forge.may_push(shop.repo, "ben")


def test_those_who_pushed_after_a_known_commit_are_named(shop: Shop) -> None:
    number, ours = shop.propose()
    branch = "shipmate/tax"
    first = shop.desk.push_commit(shop.repo, branch, {"b.txt": "b\n"}, author="ben")
    assert shop.forge.pushed_by(shop.repo, number, since=ours) == ("ben",)
    shop.desk.push_commit(shop.repo, branch, {"c.txt": "c\n"}, author="cleo")
    assert set(shop.forge.pushed_by(shop.repo, number, since=ours)) == {"ben", "cleo"}
    assert shop.forge.pushed_by(shop.repo, number, since=first) == ("cleo",)


def test_who_pushes_in_the_name_of_somebody_else_is_named_too(shop: Shop) -> None:
    number, ours = shop.propose()
    shop.desk.push_commit(shop.repo, "shipmate/tax", {"b.txt": "b\n"}, author="cleo", pusher="ben")
    assert shop.forge.pushed_by(shop.repo, number, since=ours) == ("ben", "cleo")


def test_an_author_without_an_account_is_somebody_unknown(shop: Shop) -> None:
    number, ours = shop.propose()
    files = {"b.txt": "b\n"}
    shop.desk.push_commit(shop.repo, "shipmate/tax", files, author="ben", author_email="ben@home.test")
    assert shop.forge.pushed_by(shop.repo, number, since=ours) == ("ben", "")


def test_a_push_that_github_does_not_list_is_waited_for_and_then_by_somebody_unknown(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ours = shop.propose()
    with pytest.raises(TryAgain, match="who pushed"):
        shop.forge.pushed_by(shop.repo, number, since="f" * 40)
    monkeypatch.setattr(people, "LISTED_AFTER", 0.0)
    assert shop.forge.pushed_by(shop.repo, number, since="f" * 40) == ("",)


def test_a_server_that_does_not_keep_who_pushed_leaves_somebody_unknown(shop: Shop) -> None:
    number, ours = shop.propose()
    shop.desk.push_commit(shop.repo, "shipmate/tax", {"b.txt": "b\n"}, author="ben")
    shop.desk.fail_next("GET", r"/activity", status=404, message="Not Found")
    assert shop.forge.pushed_by(shop.repo, number, since=ours) == ("",)
