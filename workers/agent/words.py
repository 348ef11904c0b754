"""Sentences for the model between its turns, besides the results of its tools."""

from __future__ import annotations

CUT = "Your reply was cut off at the output limit. Go on in smaller steps."
CUT_CALL = "This call was cut off at the output limit; nothing was done. Use smaller steps."
EMPTY = (
    "Your reply was empty. Go on; call `finish` if the work is done, or say in plain text why nothing is to be done."
)
NUDGE = "You changed files but did not call `finish`. If the work is done, call `finish`; if not, go on."
NEWS = "Received. There is news, below: take it into account and go on from there; call `finish` when that is done."
UNCHANGED = "Nothing in /workspace differs from the base. If nothing has to change, say why in plain text instead."
