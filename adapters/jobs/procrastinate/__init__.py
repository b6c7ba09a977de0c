"""Jobs by procrastinate, in the PostgreSQL that holds the memory."""

from adapters.jobs.procrastinate.jobs import Procrastinate

__all__ = ["Procrastinate"]
