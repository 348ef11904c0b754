"""Real projects, taken through Shipmate with a fix of their own history: what is tested is everything but the model.

Law: nothing of a project is kept here but its name, its address and the commit of the fix.
"""
