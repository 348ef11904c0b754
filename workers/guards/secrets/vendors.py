"""detect-secrets on added lines: kinds that our own forms lack, and random strings.

Law: no plugin's `verify` is ever called, for it would send the secret over the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString, HexHighEntropyString
from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector

from workers.guards.edits import Edit
from workers.guards.kinds import is_data, is_example, is_test
from workers.guards.secrets.dummies import entropy, is_made_up, is_placeholder

_HINT = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
_LONGEST = 1000
_MOST_LINES = 20_000
_RANDOM = re.compile(r"[0-9].*[a-zA-Z].*[0-9]")
_DIGEST = re.compile(r"sha\d+|integrity|checksum|digest|hash|md5|commit|rev(ision)?\b|etag|fingerprint", re.I)


@cache
def _vendors() -> tuple[BasePlugin, ...]:
    return (
        ArtifactoryDetector(), AzureStorageKeyDetector(), CloudantDetector(), IbmCloudIamDetector(),
        IbmCosHmacDetector(), SoftlayerDetector(), SquareOAuthDetector(),
    )  # fmt: skip


@cache
def _random() -> tuple[Base64HighEntropyString, HexHighEntropyString]:
    return Base64HighEntropyString(limit=4.8), HexHighEntropyString(limit=3.4)


def search(edit: Edit) -> Iterator[tuple[str, str, int]]:
    """(rule, kind, line number) of what detect-secrets finds in added lines."""
    mild = is_test(edit.path) or is_example(edit.path) or is_data(edit.path)
    for line in edit.added[:_MOST_LINES]:
        text = line.text[:_LONGEST]
        if not _HINT.search(text):
            continue
        for plugin in _vendors():
            if any(_counts(value, edit, mild) for value in _values(plugin, text)):
                yield "secret", f"a secret ({plugin.secret_type})", line.number
        if not mild and not _DIGEST.search(text):
            for plugin in _random():
                if any(_is_random(value, plugin.entropy_limit, edit) for value in _values(plugin, text)):
                    yield "random-string", "a long random string", line.number


def _values(plugin: BasePlugin, text: str) -> list[str]:
    return [value for value in plugin.analyze_string(text) if isinstance(value, str)]


def _counts(value: str, edit: Edit, mild: bool) -> bool:
    return value not in edit.old and not is_placeholder(value) and not (mild and is_made_up(value))


def _is_random(value: str, least: float, edit: Edit) -> bool:
    long_enough = len(value) >= 32 and _RANDOM.search(value) is not None
    return long_enough and entropy(value) >= least and _counts(value, edit, True)
