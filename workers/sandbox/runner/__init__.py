"""Run sandboxes in a process of its own, the runner, which holds no secret and is reached over a Unix socket.

    worker (secrets)  --socket-->  runner (none)  --bubblewrap-->  repository code

The worker prepares folders below one shared root. The runner opens sandboxes around these folders, and does nothing
else. One connection is one session: when the connection ends, every process of the session is killed.

Law: the runner accepts plain data only, checks every path in it, and never gets anything that is worth stealing.
"""
