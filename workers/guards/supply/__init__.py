"""What a change brings from elsewhere: packages, their places, and scripts that run when they are installed.

Law: manifests and locks are read as text and data; no package manager is run, and no registry is asked.
"""
