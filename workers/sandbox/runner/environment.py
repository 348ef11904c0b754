"""Refuse to start a runner with secrets in its environment.

Law: a variable counts as a secret if its name looks like one. So a mistake in a compose file shows at once, and not in
an attack.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PASSED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
"""The variables that a runner inherits when we start it ourselves."""
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PRIVATE|CREDENTIAL|_KEY$|_KEY_FILE$|^(DATABASE|REDIS|ARTIFACTS)_URL|^(SLACK|GITHUB|ANTHROPIC)_|"
    r"^(AWS|AZURE|GOOGLE|DOCKER|KUBERNETES|SSH)_|_PROXY$"
)
_KNOWN = frozenset({"GPG_KEY", "AWS_CA_BUNDLE"})  # a public key's fingerprint in images of Python; a path


def suspicious(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of variables that a runner must not have."""
    return tuple(
        sorted(name for name, value in environ.items() if value and name not in _KNOWN and _SECRET.search(name.upper()))
    )
