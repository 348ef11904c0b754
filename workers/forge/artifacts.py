"""Count the tests in the artifacts of a workflow run. These are zip files, written by untrusted code.

Law: bytes, entries and seconds are limited while reading, and nothing is written to disk.
"""

from __future__ import annotations

import io
import time
import zipfile
import zlib

import requests

from bot.domain.verdict import Counts
from workers.reports import junit

MOST_ZIP_BYTES = 20 << 20
MOST_ENTRIES = 2000
MOST_XML_BYTES = 10 << 20
MOST_TOTAL_BYTES = 40 << 20
MOST_SECONDS = 60.0


class ArtifactTooLarge(Exception):
    """The artifact exceeds a limit."""


def download(url: str, headers: dict[str, str]) -> bytes:
    """Return an artifact's zip file. requests drops `Authorization` when GitHub redirects to another host.

    Raises `ArtifactTooLarge`, and the errors of requests.
    """
    until = time.monotonic() + MOST_SECONDS
    with requests.get(url, headers=headers, stream=True, timeout=15) as answer:
        answer.raise_for_status()
        got = bytearray()
        for piece in answer.iter_content(1 << 16):
            got += piece
            if len(got) > MOST_ZIP_BYTES or time.monotonic() > until:
                raise ArtifactTooLarge("the artifact is too big")
    return bytes(got)


def count_tests(data: bytes) -> Counts:
    """Return the test counts of every JUnit report in a zip; other files and broken ones count as zero."""
    total, left = Counts(), MOST_TOTAL_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise ArtifactTooLarge("the artifact holds too many files")
            for entry in entries:
                if entry.is_dir() or not entry.filename.lower().endswith(".xml") or entry.flag_bits & 1:
                    continue
                with archive.open(entry) as file:
                    text = file.read(min(MOST_XML_BYTES, left) + 1)
                left -= len(text)
                if left < 0:
                    raise ArtifactTooLarge("the artifact unpacks to too much")
                if len(text) <= MOST_XML_BYTES:
                    total = add(total, count_report(text))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError):
        return total
    return total


def count_report(text: bytes) -> Counts:
    """Return the test counts of one JUnit report; zero for anything else, or for a report that is unsafe to read."""
    try:
        return junit.read([text]).counts
    except (junit.BadReport, LookupError):
        return Counts()


def add(one: Counts, other: Counts) -> Counts:
    return Counts(
        passed=one.passed + other.passed, failed=one.failed + other.failed, skipped=one.skipped + other.skipped
    )
