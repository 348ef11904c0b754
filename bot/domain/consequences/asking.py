"""From a request to the first edit: asking, choosing a repository, notes, answers, stop and retry."""

from __future__ import annotations

from bot.domain import ids
from bot.domain.actor import Actor
from bot.domain.answers import chosen_option, goes_on
from bot.domain.change import Change, Failure, Note, NoteKind, Phase, Question
from bot.domain.consequences.shape import Decision, Following, after
from bot.domain.effects import (
    BuildEffect,
    Check,
    Edit,
    Judge,
    Merge,
    Notify,
    Prepare,
    Publish,
    React,
    ReadCi,
    ShowCard,
    Tidy,
    WatchPull,
)
from bot.domain.events import (
    Answered,
    Asked,
    CardPosted,
    NoteAdded,
    Prepared,
    RepositoryChosen,
    RetryPressed,
    StopPressed,
)
from bot.domain.frozen import revised
from bot.domain.rules import Refusal, Rules, chosen, default_repository, named_repository

GO_ON, STOP_HERE = "Go on", "Stop here"
"""The answers to the question whether the work may use more."""
MAX_REQUEST = 8_000
"""Characters of a request that are kept; Slack itself allows 40,000."""


def asked(event: Asked, now: float, rules: Rules) -> Decision:
    """Return a new change, a question which repository is meant, or a refusal and no change."""
    if refusal := rules.ask(event.by):
        return Decision(change=None, refusal=refusal)
    tier, text = chosen(rules, event.text.strip())
    if not text:
        return Decision(change=None, refusal=Refusal(code="empty_request"))
    if not rules.repositories:
        return Decision(change=None, refusal=Refusal(code="no_repository_served"))
    named, unserved = named_repository(rules, text)
    if unserved:
        return Decision(change=None, refusal=Refusal(code="unknown_repository", detail=unserved))
    repository = named or default_repository(rules, event.place.channel, event.channel_name)
    change = Change(
        id=ids.change_id(event.place),
        version=1,
        place=event.place,
        requester=event.by,
        request=text[:MAX_REQUEST],
        tier=tier,
        images=event.images,
        created_at=now,
        updated_at=now,
        self_approval=rules.self_approval,
    )
    change = revised(change, branch=ids.branch(change))
    if repository:
        following = after(
            revised(change, phase=Phase.PREPARING, repository=repository), React(name="eyes"), ShowCard(), Prepare()
        )
    else:
        question = Question(about="repository", text="Which repository is this for?", options=rules.repositories)
        following = after(revised(change, question=question), React(name="eyes"), ShowCard())
    return Decision(change=following.change, effects=following.effects)


def repository_chosen(change: Change, event: RepositoryChosen, _now: float, rules: Rules) -> Following | Refusal:
    if refusal := rules.ask(event.by):
        return refusal
    if event.repository not in rules.repositories:
        return Refusal(code="unknown_repository", detail=event.repository)
    if event.by.id != change.requester.id:
        said = Note(kind="person", author=event.by.name, text=f"This is for {event.repository}.", by=event.by.id)
        change = revised(change, notes=(*change.notes, said))
    return after(
        revised(change, phase=Phase.PREPARING, repository=event.repository, question=None), ShowCard(), Prepare()
    )


def prepared(change: Change, event: Prepared, _now: float, _rules: Rules) -> Following:
    return after(
        revised(
            change,
            phase=Phase.EDITING,
            base_branch=event.base_branch,
            base_sha=event.base_sha,
            place=revised(change.place, permalink=event.permalink or change.place.permalink),
            sandbox=event.sandbox,
            model=event.model,
            scripted=event.scripted,
            prompts=event.prompts,
        ),
        ShowCard(),
        Edit(),
    )


def note_added(change: Change, event: NoteAdded, _now: float, rules: Rules) -> Following | Refusal:
    """Take a reply in the thread; what it is depends on where the change stands."""
    if refusal := rules.ask(event.by):
        return refusal
    match change.phase:
        case Phase.RECEIVED:
            return _chosen_in_words(change, event, rules)
        case Phase.ASKING if _about(change, "budget"):
            return _goes_on_in_words(change, event)
        case Phase.ASKING:
            options = change.question.options if change.question else ()
            meant = chosen_option(event.text, options) or event.text
            kind: NoteKind = "follow_up" if _about(change, "publish") else "answer"
            return _back_to_work(change, _with_note(change, kind, revised(event, text=meant)))
        case Phase.IN_CI | Phase.READY | Phase.STUCK:
            return _back_to_work(change, _with_note(change, "follow_up", event))
        case _:
            return after(revised(change, notes=_with_note(change, "person", event)), React(name="memo"), ShowCard())


def answered(change: Change, event: Answered, _now: float, rules: Rules) -> Following | Refusal:
    if refusal := rules.ask(event.by):
        return refusal
    if _about(change, "publish"):
        return Refusal(code="not_now", detail=change.phase)
    if _about(change, "budget"):
        return _stopped(change, event.by) if event.text == STOP_HERE else _back_to_work(change, change.notes)
    note = Note(kind="answer", author=event.by.name, text=event.text, by=event.by.id)
    return _back_to_work(change, (*change.notes, note))


def stop_pressed(change: Change, event: StopPressed, _now: float, rules: Rules) -> Following | Refusal:
    """Stopping is safe, so anyone who may ask may stop."""
    if refusal := rules.ask(event.by):
        return refusal
    return _stopped(change, event.by)


def retry_pressed(change: Change, event: RetryPressed, now: float, rules: Rules) -> Following | Refusal:
    """Go on where it failed; the budget of rounds and the wait for CI start over because a person said so."""
    if refusal := rules.ask(event.by):
        return refusal
    phase = change.failure.resume if change.failure else Phase.EDITING
    if change.base_sha is None:
        phase = Phase.PREPARING
    if phase is Phase.PUBLISHING and not rules.may_leave(change):
        phase = Phase.JUDGING  # the rules are other ones by now, or it was examined by an older version of ours
    effect = stage_of(change, phase)
    grants = change.grants + 1
    return after(
        revised(change, phase=phase, failure=None, rounds=0, vetoes=0, grants=grants, asked_at=now), ShowCard(), effect
    )


def card_posted(change: Change, event: CardPosted, _now: float, _rules: Rules) -> Following:
    return after(revised(change, card_ts=event.ts))


def stage_of(change: Change, phase: Phase) -> BuildEffect:
    """Return the build effect that does the work of a phase; a phase that lacks what it needs falls back to editing."""
    match phase:
        case Phase.PREPARING:
            return Prepare()
        case Phase.CHECKING if change.tree:
            return Check(tree=change.tree)
        case Phase.JUDGING if change.tree:
            return Judge(tree=change.tree)
        case Phase.PUBLISHING if change.tree:
            return Publish(tree=change.tree)
        case Phase.IN_CI if change.pull:
            return ReadCi(head_sha=change.pull.head_sha)
        case Phase.READY if change.pull:
            return WatchPull(head_sha=change.pull.head_sha)
        case Phase.MERGING if change.pull:
            return Merge(head_sha=change.pull.head_sha)
        case _:
            return Edit()


def stuck(change: Change, failure: Failure) -> Following:
    """Let the change wait for a person, who is notified once."""
    return after(
        revised(change, phase=Phase.STUCK, failure=failure, progress="", question=None),
        ShowCard(),
        Notify(moment="stuck"),
    )


def not_merged(change: Change, reason: str) -> Following:
    """Return an approved change to the people who decide; those who said yes, and who asked, hear why."""
    watch = (WatchPull(head_sha=change.pull.head_sha),) if change.pull else ()
    voided = tuple(yes.by for yes in change.approvals)
    ready = revised(change, phase=Phase.READY, approvals=(), void=reason, voided=voided, progress="")
    return after(ready, ShowCard(), Notify(moment="not_merged"), *watch)


def _chosen_in_words(change: Change, event: NoteAdded, rules: Rules) -> Following | Refusal:
    short = {name.split("/")[-1].lower(): name for name in rules.repositories}
    full = {name.lower(): name for name in rules.repositories}
    said = event.text.strip().strip("`").lower()
    named = full.get(said) or short.get(said) or named_repository(rules, event.text)[0]
    repository = named or chosen_option(event.text, rules.repositories)
    if repository is None:
        return after(revised(change, notes=_with_note(change, "person", event)), React(name="memo"), ShowCard())
    return repository_chosen(change, RepositoryChosen(by=event.by, repository=repository), 0.0, rules)


def _goes_on_in_words(change: Change, event: NoteAdded) -> Following:
    """Take a typed answer to "Shall I go on?". In doubt nothing is granted: the words are kept, and I ask again."""
    meant = goes_on(event.text)
    if meant is None:
        change = revised(change, notes=_with_note(change, "person", event))
        return after(change, React(name="memo"), ShowCard(), Notify(moment="question"))
    return _back_to_work(change, change.notes) if meant else _stopped(change, event.by)


def _with_note(change: Change, kind: NoteKind, event: NoteAdded) -> tuple[Note, ...]:
    said = event.text.strip()[:MAX_REQUEST]
    return (*change.notes, Note(kind=kind, author=event.by.name, text=said, images=event.images, by=event.by.id))


def _about(change: Change, what: str) -> bool:
    return change.question is not None and change.question.about == what


def _stopped(change: Change, by: Actor) -> Following:
    return after(
        revised(change, phase=Phase.STOPPED, stopped_by=by, question=None, progress=""), ShowCard(), Tidy(abandon=True)
    )


def _back_to_work(change: Change, notes: tuple[Note, ...]) -> Following:
    prepared_before = change.base_sha is not None
    return after(
        revised(
            change,
            phase=Phase.EDITING if prepared_before else Phase.PREPARING,
            notes=notes,
            question=None,
            failure=None,
            approvals=(),
            void="",
            rounds=0,
            vetoes=0,
            grants=change.grants + (change.phase is not Phase.ASKING or not _about(change, "work")),
        ),
        ShowCard(),
        Edit() if prepared_before else Prepare(),
    )
