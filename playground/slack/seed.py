"""The people and rooms a new workspace starts with, in the shapes of `users.info` and `conversations.info`.

Law: planting again over a living workspace changes who people are (the config says so), never what was said.
"""

from __future__ import annotations

from playground.slack.config import HOME_TEAM, ChannelSeed, Person, SlackStandInConfig
from playground.slack.state import Doc, State

CREATED = 1_760_000_000


def plant(config: SlackStandInConfig, state: State) -> None:
    """Write the config's people, channels, direct messages and user groups."""
    for person in config.people:
        state.put(
            "user", person.id, _user(person, config.team_id if person.team_id in (None, HOME_TEAM) else person.team_id)
        )
    state.put("user", config.bot_user_id, _bot_user(config))
    for seed in config.channels:
        known = state.get("channel", seed.id)
        state.put("channel", seed.id, _room(seed, config) | ({"members": known["members"]} if known else {}))
    for person in config.people:
        state.put("channel", dm_id(person.id), _dm(person.id, config))
    for key, handle, users in config.usergroups:
        group = {
            "id": key,
            "team_id": config.team_id,
            "is_usergroup": True,
            "name": handle.capitalize(),
            "handle": handle,
        }
        state.put("usergroup", key, group | {"users": list(users), "user_count": len(users), "date_delete": 0})


def dm_id(user_id: str) -> str:
    return "D" + user_id[1:]


def _user(person: Person, team_id: str | None) -> Doc:
    profile = {"display_name": person.name, "real_name": person.real_name, "title": person.title, "team": team_id}
    return {
        "id": person.id,
        "team_id": team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "color": person.colour.lstrip("#"),
        "tz": "Europe/Lisbon",
        "tz_label": "Western European Time",
        "tz_offset": 0,
        "profile": profile | {"email": f"{person.name}@playground.test", "image_48": ""},
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": False,
        "is_app_user": False,
        "updated": CREATED,
    } | ({"is_stranger": True} if person.is_stranger else {})


def _bot_user(config: SlackStandInConfig) -> Doc:
    profile = {"display_name": "", "real_name": config.bot_name, "bot_id": config.bot_id, "api_app_id": config.app_id}
    return {
        "id": config.bot_user_id,
        "team_id": config.team_id,
        "name": config.bot_name.lower(),
        "real_name": config.bot_name,
        "deleted": False,
        "color": "2b6777",
        "profile": profile | {"team": config.team_id, "image_48": ""},
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": True,
        "is_app_user": False,
        "updated": CREATED,
    }


def _room(seed: ChannelSeed, config: SlackStandInConfig) -> Doc:
    members = [*seed.members, *([config.bot_user_id] if seed.bot_is_member else [])]
    return {
        "id": seed.id,
        "name": seed.name,
        "name_normalized": seed.name,
        "created": CREATED,
        "creator": seed.members[0] if seed.members else config.bot_user_id,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": seed.is_private,
        "is_archived": False,
        "is_general": False,
        "is_shared": seed.is_ext_shared,
        "is_org_shared": False,
        "is_ext_shared": seed.is_ext_shared,
        "context_team_id": config.team_id,
        "topic": {"value": seed.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "members": members,
    }


def _dm(user_id: str, config: SlackStandInConfig) -> Doc:
    kinds = {
        "is_channel": False,
        "is_group": False,
        "is_im": True,
        "is_mpim": False,
        "is_private": True,
        "is_archived": False,
    }
    return {
        "id": dm_id(user_id),
        "created": CREATED,
        "user": user_id,
        "is_user_deleted": False,
        "is_org_shared": False,
        "context_team_id": config.team_id,
        "members": [user_id, config.bot_user_id],
        **kinds,
    }
