"""Sandboxes in a process of their own, which holds no secret and is reached over a Unix socket.

    worker (secrets)  --socket-->  runner (none)  --bubblewrap-->  repository code

The worker prepares folders below one shared root, and names them; the runner opens sandboxes around them and nothing
else. One connection is one session: when it ends, for whatever reason, everything that ran in the session is killed.

Law: the runner takes plain data alone, believes no path in it, and never learns anything that is worth stealing.
"""
