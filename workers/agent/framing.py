"""Outside text on its way to the model: named, fenced in tags, with nothing inside that looks like a fence.

Law: words of people reach the conversation only through here, as text; a tool result could fake them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.change import Note
from workers.agent import Job

FENCES = "request|guidance|note|answer|checks|review|ci|host|thread|task|history"
FENCE = re.compile(rf"<(?=\s*+/?+\s*+(?:{FENCES})(?![a-z]))", re.IGNORECASE)
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
MOST = 24_000
GUIDANCE_MOST = 48_000

FRAMES = {
    "person": ("{author} wrote in the thread while you work:", "note"),
    "follow_up": ("{author} has seen your change and asks for more, on top of it:", "request"),
    "answer": ("{author} answered:", "answer"),
    "checks": ("The repository's own checks were run on what you finished. What they said:", "checks"),
    "judge": ("What you finished was looked at before it may leave. What has to be put right:", "review"),
    "ci": ("The continuous integration of the pull request said about what you finished:", "ci"),
    "host": ("From Shipmate itself:", "host"),
}


def plain(text: str, most: int = MOST) -> str:
    """Return text that cannot close or open a fence, with unseen characters spelled out, shortened in the middle."""
    return shorten(FENCE.sub("&lt;", spelled(text)).strip(), most)


def spelled(text: str) -> str:
    """Control, direction, zero-width and tag characters as `\\u{...}`: nobody hides words in plain sight."""
    return UNSEEN.sub(lambda hit: f"\\u{{{ord(hit.group()):x}}}", text)


def shorten(text: str, most: int) -> str:
    """At most about `most` characters: beginning and end, with a line between that says how much is left out."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 5, most * 3 // 5
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[... {left_out} characters left out ...]\n{text[-tail:]}"


def fenced(tag: str, text: str, most: int = MOST) -> str:
    return f"<{tag}>\n{plain(text, most)}\n</{tag}>"


def note(said: Note) -> str:
    """Return a note as the model hears it."""
    lead, tag = FRAMES[said.kind]
    return f"{lead.format(author=_name(said.author))}\n{fenced(tag, said.text)}"


def opening(job: Job) -> str:
    """Return the first user message."""
    parts = [f"You work on the repository {_name(job.repository)}, checked out at /workspace."]
    parts += [" ".join(plain(one, 2000) for one in job.workspace_description)] if job.workspace_description else []
    parts += _guidance(job.guidance)
    if job.checks:
        parts.append(f"The checks that will judge your work, run at the repository root: {plain(job.checks, 1000)}")
    if job.said_before:
        parts.append("Said in the thread before the request:\n" + fenced("thread", "\n".join(job.said_before)))
    parts.append(f"{_name(job.requester)} asks:\n{fenced('request', job.request)}")
    return "\n\n".join(parts)


def _guidance(files: Mapping[str, str]) -> list[str]:
    if not files:
        return []
    left, most = GUIDANCE_MOST, {}
    for at, (path, text) in enumerate(sorted(files.items(), key=lambda one: (len(one[1]), one[0]))):
        # What a short file leaves of its share is for the longer ones.
        most[path] = max(left // (len(files) - at), 200)
        left -= min(len(path) + len(text) + 2, most[path])
    shown = "\n\n".join(fenced("guidance", f"{path}:\n{text}", most[path]) for path, text in sorted(files.items()))
    return ["What the repository tells people who work on it. Follow it where it serves the request:\n" + shown]


def guidance(path: str, words: str) -> str:
    """Return the guidance of a folder below the root, shown when the agent first works there."""
    shown = fenced("guidance", f"{path}:\n{words}")
    return f"What the repository tells people who work in that folder:\n{shown}"


def one_line(words: str, most: int) -> str:
    """Return untrusted text as one line."""
    line = " ".join(plain(words, 4 * most).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _name(name: str) -> str:
    return one_line(name, 100) or "Someone"
