"""A GitHub of one's own: the REST API that PyGithub speaks, git over HTTP, webhooks, a small CI, pages.

Law: it refuses what GitHub refuses; where it differs it is stricter, and the coverage table says so.
"""

from .app import create_app
from .config import (
    APP_PERMISSIONS,
    AppIdentity,
    GitHubStandInConfig,
    Person,
    PersonalToken,
    new_private_key,
    public_key_of,
)
from .seed import seed_repository

__all__ = [
    "APP_PERMISSIONS", "AppIdentity", "GitHubStandInConfig", "Person", "PersonalToken", "create_app", "new_private_key",
    "public_key_of", "seed_repository",
]  # fmt: skip
