"""Look for leaks from inside the sandbox: host files, environment, sockets, network.

Law: the probe plants its own canaries, so an empty answer means that it looked and found nothing. A probe that cannot
run counts as a leak.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from pathlib import Path

from workers.sandbox import Limits, Session

_KEPT = ("/etc/shadow", "/etc/ssl/private")
_INSIDE = Path(__file__).with_name("inside.py")


def look(session: Session, folder: Path) -> tuple[str, ...]:
    """Run the probe in `session`; `folder` is a host folder outside the workspace where canaries may be put."""
    canary = f"canary-{secrets.token_hex(16)}"
    hidden = folder / "host-file"
    hidden.write_text(canary, encoding="utf-8")
    os.environ["SHIPMATE_PROBE_CANARY"] = canary
    abstract = f"shipmate-probe-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as unix, socket.socket() as tcp:
        unix.bind("\0" + abstract)
        unix.listen(1)
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(1)
        asked = {
            "canary": canary,
            "abstract": abstract,
            "port": tcp.getsockname()[1],
            "files": [str(hidden), *map(os.path.expanduser, ("~/.ssh", "~/.gitconfig")), *_KEPT],
            "pid": os.getpid(),
        }
        try:
            ran = session.run(
                f"python3 -I - {json.dumps(json.dumps(asked))}",
                stdin=_INSIDE.read_bytes(),
                limits=Limits(wall_seconds=60),
            )
        finally:
            os.environ.pop("SHIPMATE_PROBE_CANARY", None)
    try:
        leaks = json.loads(ran.output.strip().splitlines()[-1])
        return tuple(str(leak) for leak in leaks)
    except (ValueError, IndexError, TypeError):
        return (f"the probe could not run inside: {ran.output.strip()[-300:]}",)
