"""files.*: the three-step upload and what becomes of it.

Law: a file is seen by nobody until the upload is completed, and only in the conversation it was completed for.
"""

from __future__ import annotations

import mimetypes
import time

from playground.slack.events import new_id
from playground.slack.state import Doc
from playground.slack.web_api.registry import ApiError, Call, invalid, method
from playground.slack.workspace import bot_message

LARGEST = 50_000_000


def file_object(public_url: str, key: str, name: str, size: int, user: str, title: str = "") -> Doc:
    """Return a file as Slack shows it."""
    base, kind = public_url.rstrip("/"), mimetypes.guess_type(name)[0] or "application/octet-stream"
    now = int(time.time())
    made = {
        "id": key,
        "created": now,
        "timestamp": now,
        "name": name,
        "title": title or name,
        "mimetype": kind,
        "size": size,
    }
    made |= {"filetype": name.rsplit(".", 1)[-1].lower() if "." in name else "binary", "user": user, "mode": "hosted"}
    made |= {"is_external": False, "is_public": True, "file_access": "visible", "pretty_type": kind}
    made |= {
        "url_private": f"{base}/files-pri/{key}/{name}",
        "url_private_download": f"{base}/files-pri/{key}/download/{name}",
    }
    return made | {"permalink": f"{base}/files/{user}/{key}/{name}", "channels": [], "groups": [], "ims": []}


@method(
    "files.getUploadURLExternal",
    scopes="files:write",
    required="filename length",
    optional="alt_txt snippet_type",
    refuses="invalid_arguments, file_upload_size_restricted",
)
async def get_upload_url(call: Call) -> Doc:
    try:
        length = int(call.args["length"])
    except (TypeError, ValueError):
        raise invalid("length must be an integer [json-pointer:/length]") from None
    if not 0 < length <= LARGEST:
        raise ApiError("file_upload_size_restricted")
    config, key = call.parts.config, new_id("F")
    name = call.text("filename").replace("/", "_")
    doc = file_object(config.public_url, key, name, length, config.bot_user_id)
    if alt := call.text("alt_txt"):
        doc["alt_txt"] = alt
    call.parts.state.put("file", key, doc | {"pending": True})
    return {"upload_url": f"{config.public_url.rstrip('/')}/upload/v1/{key}", "file_id": key}


@method(
    "files.completeUploadExternal",
    scopes="files:write",
    required="files",
    optional="channel_id channels initial_comment thread_ts",
    refuses="file_not_found, invalid_arguments, channel_not_found, not_in_channel",
)
async def complete_upload(call: Call) -> Doc:
    given = call.args["files"]
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) and "id" in item for item in given):
        raise invalid("files must be a list of objects with an id [json-pointer:/files]")
    name = "channel_id" if call.text("channel_id") else "channels" if call.text("channels") else None
    channel = call.channel(name) if name else None
    done = []
    for item in given:
        doc = call.parts.state.get("file", str(item["id"]))
        if doc is None or call.parts.state.blob(doc["id"]) is None:
            raise ApiError("file_not_found", file=str(item["id"]))
        doc = {key: value for key, value in doc.items() if key != "pending"} | {
            "title": item.get("title") or doc["title"]
        }
        if channel:
            doc["ims" if channel.get("is_im") else "channels"] = [channel["id"]]
        done.append(doc)
    for doc in done:
        call.parts.state.put("file", doc["id"], doc)
    if channel:
        fields = {"text": call.text("initial_comment"), "files": done, "subtype": "file_share", "upload": True}
        call.parts.workspace.post(channel, bot_message(call.parts.config, fields), call.text("thread_ts") or None)
    return {"files": done}


@method(
    "files.info", scopes="files:read", required="file", optional="count cursor limit page", refuses="file_not_found"
)
async def info(call: Call) -> Doc:
    doc = call.parts.state.get("file", call.text("file"))
    if doc is None or doc.get("pending"):
        raise ApiError("file_not_found")
    return {"file": doc, "comments": []}
