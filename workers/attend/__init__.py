"""How work is claimed, performed and given back: tasks, leases, the sweep, and waiting for a full disk."""
