"""Pages for people: what a link on a card opens.

Law: every string from a repository or a person is escaped; no script comes from outside this folder.
"""
