"""Artifacts: they can be written and read."""

from __future__ import annotations

from bot.artifacts import Artifacts
from bot.checkup import Diagnosis, fail, ok
from bot.settings import WorkerSettings

_PROBE = b"written by `shipmate doctor`\n"


def artifacts(settings: WorkerSettings) -> list[Diagnosis]:
    """Write one small artifact (always the same) and read it back."""
    where = settings.storage.artifacts_url.get_secret_value()
    fix = "Check that the folder or bucket in ARTIFACTS_URL exists and may be written; for s3:// install shipmate[s3]."
    try:
        kept = Artifacts(where)
        name = kept.put(_PROBE)
        if kept.get(name) != _PROBE:
            return [fail("ARTIFACTS_URL", "what was written comes back changed", fix)]
    except Exception as fault:  # any storage library may be behind it, each with its own errors
        return [fail("ARTIFACTS_URL", f"cannot be used: {type(fault).__name__}: {str(fault)[:200]}", fix)]
    return [ok("artifacts", f"can be written and read ({'a bucket' if where.startswith('s3:') else 'a folder'})")]
