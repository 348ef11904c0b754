"""The `shipmate` command as a test forks it: it forks its own processes too, since nothing has to be imported again.

Law: it is the real command in every other way. The one that it forks from is forked before it has a thread.
"""

from __future__ import annotations

import os
import socket
import sys

from shipmate import cli
from shipmate.supervise.child import Process, Spec
from shipmate.supervise.supervisor import Supervisor
from tests.journeys.zygote import IMPORTED, Zygote, serve

ARGV = (sys.executable, "-m", __name__)
"""What to give to a zygote, before the arguments."""


def main() -> None:
    """Be `shipmate` with the arguments that follow."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        ours.close()
        silence = os.open(os.devnull, os.O_WRONLY)
        for fd in (1, 2):
            os.dup2(silence, fd)  # whoever reads what the command says waits for its end, not for ours
        serve(theirs)
        os._exit(0)
    theirs.close()
    forks, start = Zygote(ours), Supervisor._begin

    def begin(supervisor: Supervisor, spec: Spec) -> Process:
        python, switch, module, *_ = spec.argv
        if (python, switch) == (sys.executable, "-m") and module in IMPORTED:
            return forks.start(spec.argv, spec.env)
        return start(supervisor, spec)

    Supervisor._begin = begin  # type: ignore[assignment,method-assign]  # the one difference
    cli.main()
