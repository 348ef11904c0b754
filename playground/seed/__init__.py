"""The repository a playground starts with: `acme/till`, a small phone-first web app with tests and a build.

It is plain files, to be committed by the GitHub stand-in, with one real bug on purpose: the total leaves out the tax.
"""

from __future__ import annotations

from pathlib import Path

TILL_NAME = "acme/till"
TILL_SOURCE = Path(__file__).parent / "till"
