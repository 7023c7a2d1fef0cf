"""A small office: the people and channels that the demo and most tests begin with."""

from collections.abc import Callable
from datetime import datetime

from simulators.slack.answer import Render, not_rendered
from simulators.slack.state import Installation
from simulators.slack.workspace import Workspace

ADMIN = "U0ADMIN"
OWNER = "U0OWNER"
MANAGER = "U0MANAGER"
MEMBER = "U0MEMBER"
COLLEAGUE = "U0COLLEAGUE"
GUEST = "U0GUEST"
NARROW_GUEST = "U0NARROW"
STRANGER = "U0STRANGER"
LEFT = "U0LEFT"

COSTS = "C0COSTS"
ENGINEERING = "C0ENG"
LEADS = "C0LEADS"
PARTNERS = "C0PARTNERS"
QUIET = "C0QUIET"
ARCHIVED = "C0ARCHIVED"


def small_office(
    clock: Callable[[], datetime],
    app: Installation | None = None,
    render: Render = not_rendered,
) -> Workspace:
    """An admin, an owner, a manager (a member whom ``AICOST_MANAGERS`` would name), two members,
    two kinds of guest, someone of another workspace, someone who left; the app is in every
    channel but #quiet. #leads is private, #partners shared with the stranger's workspace."""
    office = Workspace(clock, app, render)
    office.add_person(ADMIN, "ada", real_name="Ada Park", tz="Europe/London", is_admin=True)
    office.add_person(OWNER, "omar", tz="America/New_York", is_admin=True, is_owner=True)
    office.add_person(MANAGER, "mona", real_name="Mona Reyes", tz="Europe/London")
    office.add_person(MEMBER, "ben", real_name="Ben Okafor", tz="Europe/Berlin")
    office.add_person(COLLEAGUE, "chen", tz="Asia/Tokyo")
    office.add_person(GUEST, "gus", is_restricted=True)
    office.add_person(NARROW_GUEST, "nora", is_restricted=True, is_ultra_restricted=True)
    office.add_person(STRANGER, "sam", team_id="T0OTHER")
    office.add_person(LEFT, "lena", deleted=True)
    bot = office.app.bot_user
    staff = [ADMIN, OWNER, MANAGER, MEMBER, COLLEAGUE]
    office.add_channel(COSTS, "ai-costs", [*staff, GUEST, NARROW_GUEST, bot])
    office.add_channel(ENGINEERING, "engineering", [*staff, GUEST, bot])
    office.add_channel(LEADS, "leads", [ADMIN, OWNER, MANAGER, bot], "private")
    shared = office.add_channel(PARTNERS, "partners", [*staff, STRANGER, bot])
    shared.is_ext_shared = True
    office.add_channel(QUIET, "quiet", staff)
    office.add_channel(ARCHIVED, "old-project", [*staff, bot]).is_archived = True
    return office
