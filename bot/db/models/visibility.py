"""Who sees less than everything, where it was set in Slack."""

from datetime import datetime

from sqlmodel import JSON, Field

from bot.db.models.base import Table


class Visibility(Table, table=True):
    """What one channel, or one user group, may see."""

    place: str = Field(primary_key=True)
    """The channel ``C…`` or user group ``S…``."""
    connections: list[str] | None = Field(default=None, sa_type=JSON)
    """NULL: any."""
    projects: list[str] | None = Field(default=None, sa_type=JSON)
    """Names or ids; NULL: any."""
    made_by: str
    made_at: datetime
