"""Documents as GitHub prints them: pure functions from the stand-in's state to response bodies.

Law: a field GitHub always sends is always here, since PyGithub asks again for every one that is missing.
"""
