"""The small CI: it really runs a repository's own workflow commands, and reports as GitHub Actions does.

Law: what it runs is untrusted; nothing of ours reaches it but the files of the commit and a fresh environment.
"""
