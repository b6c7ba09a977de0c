"""When things happen: local times, and the bell that rings for what is due."""

from bot.schedule.times import (
    following_due,
    latest_due,
    local_date,
    next_due,
    next_good_hour,
    wall,
)

__all__ = ["following_due", "latest_due", "local_date", "next_due", "next_good_hour", "wall"]
