"""Write-once blobs by their SHA-256: logs, diffs, reports, transcripts. A local folder, or anything fsspec reaches.

Law: an artifact is never changed; the same bytes have the same id, so writing twice is harmless.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import fsspec


class Artifacts:
    """Blobs under `url`: a folder's path, `file://...` or `s3://bucket/prefix`."""

    def __init__(self, url: str) -> None:
        self._files, root = fsspec.core.url_to_fs(url)
        self._root = root.rstrip("/")
        self._local = isinstance(self._files, fsspec.implementations.local.LocalFileSystem)

    def put(self, content: bytes) -> str:
        """Store `content`, and return its id, 64 hex digits. Raises OSError where it cannot be written."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if self._files.exists(path):
            return name
        if self._local:
            self._put_locally(Path(path), content)
        else:
            self._files.pipe_file(path, content)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of an artifact. Raises FileNotFoundError for an unknown id, ValueError for none at all."""
        if len(name) != 64 or not all(char in "0123456789abcdef" for char in name):
            raise ValueError("an artifact id is 64 hex digits")
        content: bytes = self._files.cat_file(self._path(name))
        return content

    def _path(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}"

    def _put_locally(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
