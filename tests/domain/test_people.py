"""Who may let a change in: nobody alone what they made alone, whatever accounts they have and however they steered."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import events as e
from bot.domain.actor import Actor
from bot.domain.approvals import Wanted
from bot.domain.change import Phase
from bot.domain.rules import Refusal, Rules
from tests.story import (
    ANA,
    BEN,
    CAT,
    HEAD,
    PUSHED,
    Step,
    Story,
    asked,
    at,
    checked,
    ci,
    edits,
    examined,
    judged,
    moved,
    note,
    prepared,
    published,
    question,
    remade,
    told,
    undo_ci,
    undo_opened,
)
from tests.story import held as held_story

DAN = Actor(id="U0DAN", name="dan")
ANA_AGAIN = Actor(id="U0ANA2", name="ana (phone)")
NOBODY_MAPPED = Rules(repositories=("acme/till",))
LOGINS = {"U0ANA": "ana-gh", "U0ANA2": "Ana-GH", "U0BEN": "ben-gh", "U0CAT": "cat-gh"}
MAPPED = Rules(repositories=("acme/till",), people=LOGINS)


def ready(*steps: Step, rules: Rules = NOBODY_MAPPED, holds: tuple[str, ...] = ()) -> Story:
    """A change that Ana asked for, steered by these steps while it was made, ready to be decided on."""
    story = told(asked(), prepared(), rules=rules)
    story.lives(*(step(story) if callable(step) else step for step in steps))
    if story.change.phase is not Phase.IN_CI:
        read = len(story.change.notes)
        story.lives(edits(notes_read=read), checked(), judged(holds=holds), published())
    head = story.change.pull.head_sha if story.change.pull else HEAD
    return story.lives(ci("green", sha=head))


def pushed(*by: str, rules: Rules = NOBODY_MAPPED) -> Story:
    story = ready(rules=rules)
    return story.lives(moved().model_copy(update={"by": by}), *examined(), ci("green", sha=PUSHED))


def approved(story: Story, *people: Actor) -> Phase:
    for one in people:
        story.tries(story.approves(one))
    return story.change.phase


STEERING = {
    "a reply": note("also raise the limit", by=BEN),
    "a typed answer": (question(), note("gross", by=BEN)),
    "an answer by button": (question(), e.Answered(by=BEN, text="gross")),
}


@pytest.mark.parametrize("how", STEERING)
def test_who_steered_a_change_does_not_let_it_in_alone(how: str) -> None:
    steps = STEERING[how]
    steps = steps if isinstance(steps, tuple) else (steps,)
    assert approved(ready(*steps), BEN) is Phase.READY
    assert approved(ready(*steps), BEN, BEN) is Phase.READY
    assert approved(ready(*steps), ANA) is Phase.READY
    assert approved(ready(*steps), ANA, BEN) is Phase.MERGING
    assert approved(ready(*steps), BEN, ANA) is Phase.MERGING
    assert approved(ready(*steps), CAT) is Phase.MERGING


def test_who_asked_for_changes_by_the_form_does_not_let_it_in_alone() -> None:
    story = at(Phase.READY)
    story.lives(story.asks_for_changes(by=BEN))
    story.lives(*remade(story), ci("green"))
    assert approved(story, BEN) is Phase.READY
    assert approved(story, ANA) is Phase.MERGING


def test_who_chose_the_repository_is_one_of_its_authors() -> None:
    two = Rules(repositories=("acme/till", "acme/site"))
    story = told(asked(), e.RepositoryChosen(by=BEN, repository="acme/site"), rules=two)
    assert [(one.by, one.text) for one in story.change.notes] == [("U0BEN", "This is for acme/site.")]


def test_two_accounts_with_one_login_are_one_person() -> None:
    story = ready(rules=MAPPED)
    assert story.tries(story.approves(ANA_AGAIN)).refusal == Refusal(code="own_change")
    assert approved(story, BEN) is Phase.MERGING
    held = ready(rules=MAPPED, holds=("a new package",))
    twice = MAPPED.model_copy(update={"people": LOGINS | {"U0DAN": "BEN-gh"}})
    held.rules = twice
    held.lives(held.approves(BEN))
    assert held.tries(held.approves(DAN)).refusal == Refusal(code="second_needed")


def test_where_there_is_a_map_somebody_who_is_not_in_it_is_nobodys_second() -> None:
    story = ready(rules=MAPPED)
    assert story.tries(story.approves(DAN)).refusal == Refusal(code="unmapped", detail="U0DAN")
    assert approved(story, CAT) is Phase.MERGING


def test_who_pushed_on_github_is_found_again_in_slack() -> None:
    assert approved(pushed("Ben-GH", rules=MAPPED), BEN) is Phase.READY
    assert approved(pushed("Ben-GH", rules=MAPPED), CAT) is Phase.MERGING
    assert approved(pushed("Ben-GH", rules=MAPPED), BEN, ANA) is Phase.MERGING
    assert approved(pushed("a-stranger", rules=MAPPED), BEN) is Phase.MERGING
    ana_alone = pushed("ana-gh", rules=MAPPED)
    assert ana_alone.tries(ana_alone.approves(ANA)).refusal == Refusal(code="own_change")


@pytest.mark.parametrize(("by", "rules"), [(("ben-gh",), NOBODY_MAPPED), (("",), MAPPED), ((), MAPPED)])
def test_a_push_by_someone_whom_we_cannot_place_takes_two_people(by: tuple[str, ...], rules: Rules) -> None:
    assert approved(pushed(*by, rules=rules), BEN) is Phase.READY
    assert approved(pushed(*by, rules=rules), BEN, CAT) is Phase.MERGING


def test_a_held_change_takes_two_different_people_besides() -> None:
    finding = ("package.json: adds the dependency left-pad.",)
    assert approved(ready(holds=finding), BEN, BEN, ANA) is Phase.READY
    assert approved(ready(holds=finding), BEN, CAT) is Phase.MERGING
    assert approved(ready(note(by=BEN), holds=finding), CAT) is Phase.READY
    assert approved(ready(note(by=BEN), holds=finding), ANA, BEN) is Phase.MERGING


def test_the_requesters_own_yes_is_enough_where_the_operator_says_so() -> None:
    own = NOBODY_MAPPED.model_copy(update={"self_approval": True})
    assert approved(ready(note(by=BEN), rules=own), ANA) is Phase.MERGING
    assert approved(ready(note(by=BEN), rules=own), BEN) is Phase.READY
    assert approved(ready(rules=own.model_copy(update={"people": {"U0BEN": "ben-gh"}})), ANA) is Phase.MERGING


def test_a_yes_of_someone_who_may_not_push_is_taken_back_and_the_others_stay() -> None:
    story = ready(note(by=BEN), rules=MAPPED)
    story.lives(story.approves(ANA), story.approves(BEN), e.RightsMissing(people=("U0BEN",)))
    assert story.change.phase is Phase.READY
    assert [one.by for one in story.change.approvals] == [ANA]
    assert story.change.barred == (BEN,)
    assert story.change.wanted == Wanted(yeses=1, but=("ana", "ben"))
    assert approved(story, CAT) is Phase.MERGING


def test_one_entitled_person_undoes_a_held_change() -> None:
    story = held_story(Story.approves, lambda story: story.approves(CAT), e.Merged(merge_sha="c" * 40))
    story.lives(story.undoes(ANA), undo_opened(), undo_ci())
    story.lives(story.approves_undo(ANA))
    assert story.change.undo is not None
    assert story.change.undo.approved_by == ANA


LISTED = Rules(repositories=("acme/till",), may_approve=("U0ANA", "U0BEN", "U0CAT"))


@pytest.mark.parametrize(
    ("story", "needs"),
    [
        (ready(), Wanted(but=("ana",))),
        (ready(note(by=BEN)), Wanted(but=("ana", "ben"), together=True)),
        (ready(note(by=BEN)).lives(ready(note(by=BEN)).approves(BEN)), Wanted(but=("ben",))),
        (ready(holds=("x",)), Wanted(yeses=2, but=("ana",))),
        (held_story(Story.approves), Wanted(but=("ana", "ben"))),
        (pushed("ben-gh"), Wanted(yeses=2, unplaced=("ben-gh",))),
        (pushed("ben-gh", rules=MAPPED), Wanted(but=("ana",))),
        (ready(rules=LISTED), Wanted(people=("U0BEN", "U0CAT"))),
        (ready(note(by=BEN), note(by=CAT), rules=LISTED), Wanted(yeses=2, people=("U0ANA", "U0BEN", "U0CAT"))),
        (ready(rules=LISTED.model_copy(update={"may_approve": ("U0ANA",)})), Wanted(yeses=0)),
    ],
)
def test_a_change_says_whose_yes_is_missing(story: Story, needs: Wanted) -> None:
    assert story.change.wanted == needs


@dataclass(frozen=True)
class Town:
    """Four accounts: who is behind each (also on GitHub), and what the operator's map says of them."""

    people: dict[str, str]
    rules: Rules


ACCOUNTS = tuple(Actor(id=f"U{n}", name=f"account {n}") for n in range(4))
HUMANS = ("ada", "bob", "eve", "joe")


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Without a map, or outside of it, every account is a person; in it, accounts may share one."""
    mapped = draw(st.sets(st.sampled_from(range(4))))
    people = {
        account.id: draw(st.sampled_from(HUMANS)) if n in mapped else f"only {account.id}"
        for n, account in enumerate(ACCOUNTS)
    }
    shout = draw(st.booleans())
    logins = {id: who.upper() if shout else who for id, who in people.items() if int(id[1:]) in mapped}
    return Town(people, Rules(repositories=("acme/till",), people=logins))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_nobody_alone_lets_in_what_they_alone_made(data: st.DataObject) -> None:
    town = data.draw(towns())
    who = st.sampled_from(ACCOUNTS)
    requester = data.draw(who, label="asks")
    story = told(asked(by=requester), prepared(), rules=town.rules)
    made = {town.people[requester.id]}
    holds = ("a new package",) if data.draw(st.booleans(), label="held") else ()
    for _ in range(data.draw(st.integers(1, 9), label="steps")):
        actor = data.draw(who)
        human = town.people[actor.id]
        match story.change.phase, data.draw(st.sampled_from(("say", "form", "push", "push", "approve", "approve"))):
            case Phase.EDITING, "say":
                story.lives(note(by=actor))
                made.add(human)
            case Phase.EDITING, _:
                story.lives(*remade(story, holds), ci("green"))
            case Phase.READY, "say":
                story.lives(note(by=actor))
                made.add(human)
            case Phase.READY, "form":
                story.lives(story.asks_for_changes(by=actor))
                made.add(human)
            case Phase.READY, "push":
                # A push is by the person's login; sometimes GitHub cannot name them.
                login = data.draw(st.sampled_from((human, human.title(), "")))
                head = f"9{len(story.decisions):039d}"
                push = e.HeadMoved(head_sha=head, tree=head, fingerprint=head, files=("a",), by=(login,))
                story.lives(push, checked(tree=head), judged(head, holds=holds), ci("green", sha=head))
                made.add(human)
            case Phase.READY, "approve":
                story.tries(story.approves(actor))
    given_by = [town.people[one.by.id] for one in story.change.approvals]
    assert len(given_by) == len(set(given_by)), "each person once"
    if story.change.phase is Phase.MERGING:
        assert all(set(given_by) - {author} for author in made), (made, given_by)
        assert len(given_by) >= (2 if story.change.holds else 1)
        assert not town.rules.people or all(one.by.id in town.rules.people for one in story.change.approvals)


@settings(max_examples=200, deadline=None)
@given(st.sets(st.sampled_from(ACCOUNTS[:3])), st.booleans(), st.booleans())
def test_whose_yes_is_said_to_be_missing_is_enough(steering: set[Actor], held: bool, listed: bool) -> None:
    rules = Rules(repositories=("acme/till",), may_approve=tuple(one.id for one in ACCOUNTS) if listed else ())
    steps = [note(by=one) for one in sorted(steering, key=lambda one: one.id)]
    story = told(asked(by=ACCOUNTS[0]), prepared(), *steps, rules=rules)
    holds = ("a new package",) if held else ()
    story.lives(edits(notes_read=len(steps)), checked(), judged(holds=holds), published(), ci("green"))
    needs = story.change.wanted
    assert needs is not None
    able = [one for one in ACCOUNTS if one.id in needs.people or (not listed and one.name not in needs.but)]
    fresh = [Actor(id=f"UNEW{n}", name=f"new {n}") for n in range(needs.yeses)]
    for one in able[: needs.yeses] if listed else fresh:
        assert story.change.phase is Phase.READY
        story.lives(story.approves(one))
    assert story.change.phase is Phase.MERGING
