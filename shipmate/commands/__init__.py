"""One file per verb of the `shipmate` command.

Law: a command prints for a person, and its exit code tells a script the same thing.
"""
