"""What the evidence lacks, in sentences of ours."""

from __future__ import annotations

from bot.domain.verdict import Evidence, Proof, Verdict
from workers.judge.concerns import concerns


def evidence(**fields: object) -> Evidence:
    return Evidence.model_validate({"verdict": Verdict.GREEN, "subject": "1" * 40, **fields})


def test_lost_tests_ask_for_a_second_approver() -> None:
    lost = tuple(f"test_{n}" for n in range(5))
    assert concerns(evidence(lost=lost)) == (
        ("5 tests of the base no longer run: test_0, test_1, test_2 and 2 more.",),
        (),
    )
    assert concerns(evidence(lost=("test_a",)))[0] == ("1 test of the base no longer runs: test_a.",)


def test_flaky_tests_and_a_missing_proof_are_told() -> None:
    found = evidence(flaky=("test_a",), proof=Proof(state="unproven", why="They pass on the base too."))
    assert concerns(found) == (
        (),
        (
            "1 test failed once and passed when run again: test_a.",
            "Not shown that its tests fail without the change: They pass on the base too.",
        ),
    )


def test_nothing_is_said_of_good_evidence_or_of_none() -> None:
    assert concerns(evidence(proof=Proof(state="proven", tests=("test_a",)))) == ((), ())
    assert concerns(None) == ((), ())


def test_names_of_tests_are_one_short_line() -> None:
    (said,), _ = concerns(evidence(lost=("a\nb\u202e" + "x" * 500,)))
    assert "\n" not in said
    assert "\\u{202e}" in said
    assert len(said) < 200
