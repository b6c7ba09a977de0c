"""What a bot sends: JSON, or a form with files."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web


@dataclass
class Upload:
    """A file of a form, as simcord's model of Discord takes it."""

    filename: str
    fp: io.BytesIO
    description: str | None = None


async def read(request: web.Request) -> tuple[Any, list[Upload]]:
    """The JSON and the files of a request."""
    if not request.can_read_body:
        return None, []
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else None), []
    body: Any = None
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content = await part.read(decode=False)
        if part.name == "payload_json":
            body = json.loads(content)
        elif part.name:
            uploads[part.name] = Upload(part.filename or part.name, io.BytesIO(content))
    return body, list(uploads.values())
