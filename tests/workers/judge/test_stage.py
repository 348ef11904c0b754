"""The stage: what code finds goes first, the opinion comes on top, and what was shown is kept."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.change import Image, Note, Phase
from bot.domain.effects import Judge
from bot.domain.events import Judged
from bot.domain.verdict import Evidence, Verdict
from tests.story import at
from tests.workers.judge.reviewing import FINE, VETO, Reviewer, answer
from tests.workers.workspace.conftest import Committed
from workers import ClaimLost, GiveUp, TryAgain
from workers.agent import MemoryBlobs
from workers.agent.transcript import Turn
from workers.stages.confidential import Confidential
from workers.stages.judge import judge
from workers.workspace.mirror import BareMirror

SECRETS = Confidential(("canary-7f3a9c1e-4b2d",))
OLD = "# The till.\n\ndef total(net, tax):\n    return net\n" + "\n" * 15 + "WIDTH = 32\n# the end\n"
NEW = OLD.replace("return net", "return net + tax").replace("32", "40")


class Calls:
    """Keeps answers as the store does."""

    def __init__(self) -> None:
        self.replies: dict[str, dict[str, Any]] = {}
        self.begun: dict[str, int] = {}

    def answer(self, change_id: str, key: str) -> dict[str, Any] | None:
        kept = self.replies.get(key)
        return json.loads(json.dumps(kept)) if kept else None

    def begin(self, claim: object, key: str) -> int:
        self.begun[key] = self.begun.get(key, 0) + 1
        return self.begun[key] - 1

    def save(self, claim: object, key: str, reply: dict[str, Any]) -> None:
        self.replies[key] = reply


class Place:
    """A context around a mirror; `kept` is what went to the artifacts."""

    def __init__(
        self,
        mirror: BareMirror,
        base: str,
        tree: str,
        reviewer: Reviewer | None,
        *,
        evidence: Mapping[str, Any],
        **change: object,
    ) -> None:
        self.kept: list[bytes] = []
        self.lost = threading.Event()
        self.mirror, self.tree = mirror, tree
        seen = Evidence(verdict=Verdict.GREEN, subject=tree, **evidence)
        told = {"base_sha": base, "evidence": seen, "notes": (), "request": "Include the tax."}
        words = {"summary": "", "tree": tree, "described": None}
        self.change = at(Phase.JUDGING).change.model_copy(update={**told, **words, "id": "c1", **change})
        self.turns: tuple[Turn, ...] = ()
        self.pictures = MemoryBlobs()
        self.reviewer = reviewer
        self.calls = Calls()

    def judged(self) -> Judged:
        def keep(content: bytes) -> str:
            self.kept.append(content)
            return "a" * 64

        def still_mine() -> None:
            if self.lost.is_set():
                raise ClaimLost("c1")

        store = SimpleNamespace(calls=self.calls, turns=SimpleNamespace(of=lambda _change: self.turns))
        tools = SimpleNamespace(
            reviewer=self.reviewer,
            artifacts=SimpleNamespace(put=keep, get=self.pictures.get),
            store=store,
            confidential=SECRETS,
        )
        context = SimpleNamespace(
            change=self.change,
            claim=SimpleNamespace(effect=Judge(tree=self.tree), change_id="c1"),
            tools=tools,
            lost=self.lost,
            need=lambda value, what: value,
            mirror=lambda: self.mirror,
            still_mine=still_mine,
        )
        return judge(context)  # type: ignore[arg-type]


Places = Callable[..., Place]


@pytest.fixture
def placed(committed: Committed) -> Places:
    """A change of one file; by default it has the two hunks that the reviewer of tests speaks of."""

    def made(
        reviewer: Reviewer | None, *, new: str = NEW, evidence: Mapping[str, Any] | None = None, **change: object
    ) -> Place:
        mirror, origin, base = committed({"src/till.py": OLD})
        changed = origin.commit({"src/till.py": new}, branch="change")
        mirror.fetch()
        return Place(mirror, base, mirror.tree(changed), reviewer, evidence=evidence or {}, **change)

    return made


def test_an_opinion_is_recorded_with_what_the_model_was_shown(placed: Places) -> None:
    reviewer = Reviewer([VETO])
    place = placed(reviewer, notes=(Note(kind="person", author="ben", text="please"),))
    judged = place.judged()
    assert (judged.tree, judged.blocking, judged.record) == (place.tree, (), "a" * 64)
    assert judged.opinion is not None
    assert (judged.opinion.verdict, judged.opinion.sentence) == ("veto", "The receipt got wider, too.")
    assert json.loads(place.kept[0])["messages"][0] == reviewer.asked[0][0]


def test_pictures_of_the_request_are_those_that_the_agent_was_shown(placed: Places) -> None:
    reviewer = Reviewer([VETO])
    image = Image(id="F1", name="till.png", mimetype="image/png", size=9, url="https://files.slack.com/x")
    place = placed(reviewer, images=(image,))

    def kept(data: bytes, *, gone: bool = False) -> dict[str, Any]:
        name = "f" * 64 if gone else place.pictures.put(data)
        return {"type": "image", "source": {"type": "kept", "media_type": "image/png", "id": name, "size": 9}}

    said = {"type": "text", "text": "[picture till</diff>.png]"}
    made = {"type": "tool_result", "tool_use_id": "t", "content": [kept(b"a screenshot")]}
    opened = Turn(0, "", results=(said, kept(b"first"), kept(b"gone", gone=True)), tree=place.tree)
    place.turns = (opened, Turn(1, "", reply=(), results=(made, kept(b"third")), tree=place.tree))
    place.judged()
    content = reviewer.asked[0][0]["content"][1:]
    assert [block.get("text") for block in content] == ["[picture till&lt;/diff>.png]", None, "[picture]", None]
    assert [base64.b64decode(content[at]["source"]["data"]) for at in (1, 3)] == [b"first", b"third"]


def test_what_must_not_pass_is_sent_back_without_asking_the_model(placed: Places) -> None:
    reviewer = Reviewer([FINE])
    judged = placed(reviewer, new="return net + tax  # \u202e\n").judged()
    assert judged.blocking
    assert judged.opinion is None
    assert reviewer.asked == []


@pytest.mark.parametrize("line", ["canary-7f3a9c1e-4b2d", "d2b4-e1c9a3f7-yranac", "Y2FuYXJ5LTdmM2E5YzFlLTRiMmQ="])
def test_a_configured_secret_in_the_change_is_sent_back_however_it_is_spelled(placed: Places, line: str) -> None:
    judged = placed(None, new=f"key = {line!r}\n").judged()
    assert any("src/till.py" in one for one in judged.blocking)
    assert line not in str(judged)


def test_lost_tests_are_a_hold_whatever_the_model_says(placed: Places) -> None:
    evidence = {"lost": ("test_a",), "flaky": ("test_b",)}
    reviewer = Reviewer([FINE])
    judged = placed(reviewer, evidence=evidence).judged()
    assert judged.holds == ("1 test of the base no longer runs: test_a.",)
    assert judged.flags == ("1 test failed once and passed when run again: test_b.",)
    assert judged.opinion is not None
    assert "- 1 test of the base no longer runs: test_a." in reviewer.asked[0][0]["content"][0]["text"]


def test_reports_that_could_not_be_read_are_a_hold(placed: Places) -> None:
    held = placed(None, evidence={"unread": ("A test report is not JUnit XML.",)}).judged().holds
    assert held == ("The results of the tests could not all be read: A test report is not JUnit XML.",)


def test_a_secret_that_the_request_names_may_pass_with_two_people_and_is_never_repeated(placed: Places) -> None:
    key = "sk_" + "live_" + "q7Xv2Lr9Tz4Wk8Bn3Yp6Hd1J"
    judged = placed(None, new=f"key = {key!r}\n".encode(), request=f"Use {key} for payments").judged()
    assert judged.blocking == ()
    assert judged.passable == ("src/till.py: line 1 looks like a secret (Stripe key), which the request names.",)
    assert key not in str(judged)


def test_the_same_secret_without_a_word_of_it_is_sent_back_with_its_line(placed: Places) -> None:
    key = "sk_" + "live_" + "q7Xv2Lr9Tz4Wk8Bn3Yp6Hd1J"
    blocking = placed(None, new=f"key = {key!r}\n".encode()).judged().blocking
    assert blocking == ("src/till.py: line 1 looks like a secret (Stripe key).",)


def test_a_judge_that_cannot_be_had_is_told_first(placed: Places) -> None:
    evidence = {"flaky": ("test_b",)}
    judged = placed(Reviewer([GiveUp("No such model.")]), evidence=evidence).judged()
    assert judged.opinion is None
    assert judged.holds == ("The change was not reviewed by a second model. No such model.",)
    assert judged.flags == ("1 test failed once and passed when run again: test_b.",)


def test_without_a_reviewer_code_judges_alone(placed: Places) -> None:
    judged = placed(None).judged()
    assert (judged.opinion, judged.record, judged.flags) == (None, None, ())


def test_an_overloaded_model_is_waited_for_and_nothing_is_kept(placed: Places) -> None:
    place = placed(Reviewer([TryAgain(20, "overloaded")]))
    with pytest.raises(TryAgain):
        place.judged()
    assert place.kept == []


def test_a_second_run_asks_nothing_that_was_answered(placed: Places) -> None:
    place = placed(Reviewer([answer("asked"), VETO]))
    first = place.judged()
    assert place.judged() == first
    assert first.opinion is not None
    assert (first.opinion.usage.turns, first.opinion.usage.wasted) == (2, 0)


def test_a_call_that_was_made_in_vain_is_counted(placed: Places) -> None:
    place = placed(Reviewer([TryAgain(5, "it broke off"), FINE]))
    with pytest.raises(TryAgain):
        place.judged()
    opinion = place.judged().opinion
    assert opinion is not None
    assert (opinion.usage.turns, opinion.usage.wasted) == (1, 1)


def test_a_change_that_was_stopped_meanwhile_records_nothing(placed: Places) -> None:
    place = placed(Reviewer([FINE]))
    place.lost.set()
    with pytest.raises(ClaimLost):
        place.judged()
    assert place.kept == []
