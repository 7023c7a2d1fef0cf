"""Teams and people in Slack: what a member, a lead, a manager and a guest see of them."""

import re
from decimal import Decimal

from providers.money import total
from simulators.slack.office import COLLEAGUE, COSTS, ENGINEERING, GUEST, MANAGER, MEMBER
from tests.harness.fixtures import Start

TEAMS = f"""
[[visibility]]
channel = "{ENGINEERING}"
projects = ["search"]

[[team]]
name = "discovery"
rules = [{{ connection = "openai", projects = ["search"] }}]

[[team]]
name = "apps"
rules = [{{ connection = "openai" }}, {{ connection = "openrouter", keys = ["ci"] }}]

[[person]]
slack = "{MEMBER}"
users = ["Ines Duarte"]
"""


async def test_who_sees_which_team_and_person(start_bot: Start) -> None:
    """Members and managers see each team. In a channel for one project, only the team with its
    charges is seen or known by name. Guests see nothing. People see themselves, where nobody else
    reads, also where they see little else."""
    async with start_bot(toml=TEAMS) as harness:
        for user in (MEMBER, MANAGER):
            answer = await harness.ask("by team", user)
            assert all(name in answer for name in ("discovery", "apps", "(unallocated)"))
            assert "Team apps: " in await harness.ask("apps", user)
            why = await harness.ask("why team apps last week", user)
            assert "project R&D (−$" in why.replace("Project", "project")
            assert "By key" not in why
        lead = await harness.ask("by team", MEMBER, ENGINEERING)
        assert "discovery" in lead
        assert "apps" not in lead
        nobody = await harness.ask("team nobody", MEMBER, ENGINEERING)
        hidden = await harness.ask("team apps", MEMBER, ENGINEERING)
        assert hidden == nobody.replace("nobody", "apps")
        assert "Team" not in await harness.ask("apps", MEMBER, ENGINEERING)
        assert "apps" not in await harness.ask("why team discovery", MEMBER, ENGINEERING)
        for words in ("by team", "team apps", "why team apps", "me"):
            refused = await harness.ask(words, GUEST)
            assert "Guests" in refused
            assert "discovery" not in refused

        own = await harness.ask("me last month", MEMBER, ENGINEERING)
        assert own.startswith("Your AI spend: $")
        assert "Share to channel" not in own
        why = await harness.ask("why me last week", MEMBER, ENGINEERING)
        assert why.startswith("Why your AI spend: $")
        assert re.search(r"OpenAI \(.\$[\d.]+\) cost (more|less)\.", why)
        assert "Share to channel" not in why
        assert "Your ID in Slack is U0COLLEAGUE" in await harness.ask("me", COLLEAGUE)
        mentioned = await harness.slack.mention(MEMBER, COSTS, "me last month")
        assert mentioned.plain.startswith("Your AI spend: $")
        assert "Your AI spend" not in harness.shown(COSTS, COLLEAGUE)
        async with harness.app() as app:
            rows = (await app.ask("last month by user"))["breakdown"]["rows"]
            ines = total(Decimal(row["used"]) for row in rows if row["name"] == "Ines Duarte")
            assert f"Your AI spend: ${ines:,.2f} " in own
            by_team = await app.ask("last month by team")
            used = [Decimal(row["used"]) for row in by_team["breakdown"]["rows"]]
            assert total(used) == Decimal(by_team["used"]["total"])
