"""Pictures of a message, as Slack describes them: where they lie, not their bytes.

Law: all of it is outside text. Nothing is fetched here; the code that fetches checks first where a link leads.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.change import Image

TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What the model can look at."""
MOST = 8
LONGEST_URL = 2_000


def pictures(message: Mapping[str, object]) -> tuple[Image, ...]:
    """Return at most 8 pictures of a message; files that Slack hides or keeps elsewhere are left out."""
    files = message.get("files")
    found = [_picture(one) for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    return tuple(one for one in found if one is not None)[:MOST]


def _picture(file: Mapping[str, object]) -> Image | None:
    url, size = file.get("url_private_download") or file.get("url_private"), file.get("size")
    if str(file.get("mimetype")) not in TYPES or not isinstance(url, str) or not url or len(url) > LONGEST_URL:
        return None
    return Image(
        id=str(file.get("id") or "")[:100],
        name=str(file.get("name") or "")[:200],
        mimetype=str(file["mimetype"]),
        size=size if isinstance(size, int) and size >= 0 else 0,
        url=url,
    )
