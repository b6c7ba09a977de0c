"""The topics of channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import bindparam, delete, insert, select

from bot.channels import Topic
from storage.tables import topics
from storage.work import Work, chunks

_COLUMNS = (topics.c.text, topics.c.id, topics.c.channel_id, topics.c.created)
_OF = (
    select(*_COLUMNS)
    .where(topics.c.channel_id.in_(bindparam("ids", expanding=True)))
    .order_by(topics.c.channel_id, topics.c.id)
)


class SqlTopics:
    """bot.ports.memory.Topics; ids ascend in the order of adding."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def of(self, channel_ids: Collection[int]) -> dict[int, tuple[Topic, ...]]:
        found: dict[int, list[Topic]] = {}
        for some in chunks(channel_ids):
            for text, topic_id, channel_id, created in await self._work.rows(_OF, ids=some):
                topic = Topic(text, topic_id, channel_id, created)
                found.setdefault(channel_id, []).append(topic)
        return {channel_id: tuple(own) for channel_id, own in found.items()}

    async def add(self, topic: Topic) -> Topic:
        [new] = await self._work.numbers(topics, 1)
        async with self._work.together("This topic is there already."):
            await self._work.change(
                insert(topics),
                [
                    {
                        "id": new,
                        "channel_id": topic.channel_id,
                        "text": topic.text,
                        "created": topic.created,
                    }
                ],
            )
        return replace(topic, id=new)

    async def remove(self, topic_id: int) -> None:
        await self._work.change(delete(topics).where(topics.c.id == topic_id))

    async def all(self) -> list[Topic]:
        query = select(*_COLUMNS).order_by(topics.c.id)
        return [Topic(*row) for row in await self._work.rows(query)]
