"""Settings of the system's tools that a sandbox sees: what they need to start, and no passwords."""

from __future__ import annotations

import shutil

import pytest

from workers.sandbox.session import BashSession


@pytest.mark.skipif(shutil.which("mvn") is None, reason="Maven is not installed here")
def test_maven_starts_and_its_settings_with_passwords_are_not_shown(session: BashSession) -> None:
    ran = session.run("mvn --version >/tmp/said 2>&1 && ls /etc/maven")
    assert (ran.exit_code, ran.output.split()) == (0, ["logging", "m2.conf"])
