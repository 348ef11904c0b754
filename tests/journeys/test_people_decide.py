"""Where people decide more than yes or no: two of them where something holds a change, and whether work goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.change import Phase
from tests.journeys import shop
from tests.journeys.life import asks
from tests.journeys.town import town

pytestmark = pytest.mark.xdist_group("town")
CONFIG = """
repositories = ["{name}"]
[budget]
turns = 2
[tiers.deep]
turns = 9
"""


def test_two_people_and_two_budgets(tmp_path: Path) -> None:
    config = tmp_path / "shipmate.toml"
    config.write_text(CONFIG.format(name=shop.NAME))
    with town(SHIPMATE_CONFIG=str(config)) as here:
        # What steers agents takes two people, and the one who asked is neither of them.
        held = asks(here, "advise patience")
        ready = held.reaches(Phase.READY)
        assert [one.partition(":")[0] for one in ready.holds] == ["AGENTS.md"]
        held.taps("ben", "approve")
        here.until(lambda: held.change.approvals or None, "the first approval")
        assert held.change.phase is Phase.READY
        again = held.taps("ben", "approve")
        assert again
        here.until(
            lambda: [one for one in here.phone.ephemerals("ben") if "already approved" in one.get("text", "")] or None,
            "a word to ben that one more yes is needed",
        )
        merged = held.decides("cleo", "approve", Phase.MERGED)
        assert [one.by.name for one in merged.approvals] == ["Ben Okafor", "Cleo Marsh"]
        assert any("needs one more yes" in one.get("text", "") for one in held.messages())
        held.holds_together()

        # What CI runs has changed, and CI has a secret: nothing is on GitHub before somebody else has allowed it.
        here.forge.secret(shop.NAME, "DEPLOY_KEY", "hush-hush")
        risky = asks(here, "rule whole")
        asking = risky.reaches(Phase.ASKING)
        assert asking.question is not None
        assert asking.question.about == "publish"
        assert asking.reach.because == ("check.sh is run by .github/workflows/ci.yml.",)
        assert asking.branch not in here.forge.refs(shop.NAME)
        assert risky.taps("ana", "allow")
        here.until(
            lambda: [one for one in here.phone.ephemerals("ana") if "colleague" in one.get("text", "")] or None,
            "a word to ana that a colleague has to allow it",
        )
        assert risky.change.phase is Phase.ASKING
        ready = risky.decides("ben", "allow", Phase.READY)
        assert [one.by.name for one in ready.allowed] == ["Ben Okafor"]
        assert here.forge.refs(shop.NAME)[ready.branch or ""] == (ready.pull.head_sha if ready.pull else "")
        risky.holds_together()

        # Two replies are not enough to fix what is red: it asks, and goes on from where it was.
        spent = asks(here, "stock cheese")
        asking = spent.reaches(Phase.ASKING)
        assert asking.question is not None
        assert (asking.question.about, asking.question.options) == ("budget", ("Go on", "Stop here"))
        spent.taps("ana", "answer:0")
        ready = spent.reaches(Phase.READY)
        assert (ready.grants, ready.usage.turns, len(ready.notes)) == (2, 4, 1)
        spent.holds_together()

        # A tier that grants more does not ask; the word that chose it is no part of the request.
        deep = asks(here, "deep: stock bread")
        ready = deep.reaches(Phase.READY)
        assert (ready.tier, ready.request, ready.grants, ready.usage.turns) == ("deep", "stock bread", 1, 4)

        # And what is not worth more is stopped: nothing was published.
        stopped = asks(here, "stock milk")
        stopped.reaches(Phase.ASKING)
        stopped.decides("ana", "answer:1", Phase.STOPPED)
        stopped.is_quiet()
        assert not [one for one in here.forge.pulls(shop.NAME) if stopped.change.id in one["head_ref"]]
