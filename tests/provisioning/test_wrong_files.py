"""What a wrong `aicost.toml` is answered: file, table, entry and field, and how to fix it."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.config.environment import SettingsError
from bot.config.fields import ALL_SETTINGS
from bot.config.settings import Settings, settings_of
from bot.config.team_tables import MOST_TEAMS
from bot.teams.models import Share, whole

BUDGET = '[[budget]]\namount = 500\nperiod = "monthly"\nchannel = "C0123456789"\n'
LOW = '[[low_balance]]\nprovider = "openrouter"\ndollars = 20\nchannel = "C0123456789"\n'
DIGEST = '[[digest]]\nchannel = "C0123456789"\ntime = "09:00"\nzone = "Europe/London"\n'
TEAM = '[[team]]\nname = "search"\nrules = [{ connection = "openai", projects = ["a"] }]\n'
OTHER = '[[team]]\nname = "platform"\nrules = [{ projects = ["A"] }]\n'
SHARED = (
    f'{TEAM}[[shared_cost]]\nkey = "k"\nconnection = "openrouter"\nshares = {{ search = 60 }}\n'
)
PERSON = '[[person]]\nslack = "U0123"\nusers = ["Ann"]\n'
VISIBILITY = '[[visibility]]\nchannel = "C0123456789"\nconnections = ["openai"]\n'


def read(folder: Path, text: str) -> Settings:
    (folder / "aicost.toml").write_text(text, encoding="utf-8")
    keys = {"OPENAI_ADMIN_KEY": "k1", "OPENROUTER_MANAGEMENT_KEY": "k2", "DEEPSEEK_API_KEY": "k3"}
    return settings_of(keys, folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BUDGET.replace("500", "0"), "budget 1 amount isn't an amount. Use dollars above 0"),
        (BUDGET.replace("500", "true"), "budget 1 amount isn't an amount."),
        (BUDGET.replace("500", "nan"), "budget 1 amount isn't an amount."),
        (BUDGET.replace("500", "1e10"), "budget 1 amount isn't an amount."),
        (BUDGET.replace("500", "0.0000000001"), "budget 1 amount isn't an amount."),
        (BUDGET.replace("amount = 500\n", ""), f"budget 1 amount is missing. {ALL_SETTINGS}"),
        (PERSON.replace('slack = "U0123"\n', ""), f"person 1 slack is missing. {ALL_SETTINGS}"),
        ("budget = 5", f"budget isn't valid. {ALL_SETTINGS}"),
        (TEAM * (MOST_TEAMS + 1), f"team has too many entries. Use at most {MOST_TEAMS}."),
        (BUDGET.replace("monthly", "yearly"), "budget 1 period isn't valid. Use daily, weekly or"),
        (BUDGET.replace("C0123456789", "#ai-costs"), "budget 1 channel isn't a channel's ID. Use"),
        (BUDGET + "thresholds = [50, 1001]\n", "budget 1 thresholds isn't a list of percentages."),
        (BUDGET + "thresholds = []\n", "budget 1 thresholds is empty. Name at least one"),
        (BUDGET + "threshold = [50]\n", "budget 1 threshold isn't a setting."),
        (BUDGET + 'project = "a"\nmodel = "b"\n', "budget 1 has more than one scope. Keep one of"),
        (BUDGET + 'mentions = { 70 = ["U0123"] }\n', "budget 1 mentions people at 70%, which"),
        (BUDGET + 'mentions = { 80 = ["ann"] }\n', "80 1 isn't the ID of a Slack user or user"),
        (BUDGET + 'notify_when_resolved = "x"\n', "isn't valid. Use true or false."),
        (BUDGET * 2, "budget 2 is about the same as budget 1. Make them one entry."),
        (
            f'{BUDGET}project = "a"\n{BUDGET}project = "A"\n',
            "budget 2 is about the same as budget 1.",
        ),
        (BUDGET + 'provider = "acme"\n', "budget 1 names a provider without a connection: acme."),
        (BUDGET + 'connection = "x"\n', "budget 1 names an unknown connection: x. Use one of:"),
        (LOW.replace("openrouter", "openai"), "low_balance 1: openai is postpaid, so it has no"),
        (LOW.replace('provider = "openrouter"\n', ""), "low_balance 1 needs a provider or a conn"),
        (LOW + "days = 7\n", "low_balance 1 needs either dollars or days."),
        (LOW.replace("dollars = 20", "days = 0"), "low_balance 1 days isn't valid. Use"),
        (DIGEST.replace("09:00", "9am"), "digest 1 time isn't a time of day. Use HH:MM in quotes"),
        (DIGEST.replace("09:00", "09:00:30"), "digest 1 time isn't a time of day."),
        (DIGEST.replace("Europe/London", "BST"), "digest 1 zone isn't a time zone. Use a name"),
        (DIGEST + 'days = ["monday"]\n', "digest 1 days isn't a list of days. Use days"),
        (DIGEST + 'settled_by = "08:00"\n', "digest 1 waits until settled_by, which isn't after"),
        (DIGEST + 'cadence = "monthly"\ndays = ["mon"]\n', "digest 1 is monthly, so it takes no"),
        (DIGEST * 2, "digest 2 is about the same as digest 1."),
        (VISIBILITY + 'group = "S0123"\n', "visibility 1 needs either a channel or a group."),
        (VISIBILITY.replace("connections", "#"), "visibility 1 limits nothing. List the"),
        (VISIBILITY.replace("openai", "x"), "visibility 1 names an unknown connection: x."),
        (VISIBILITY * 2, "visibility 2 is about the same as visibility 1."),
        (BUDGET + 'team = "nobody"\n' + TEAM, "budget 1 names an unknown team. Use the name of a"),
        (TEAM * 2, "two teams are named search. Give each its own name."),
        (TEAM.replace('"search"', '"(unallocated)"'), "team 1 name isn't a team's name."),
        (TEAM + OTHER, "team 1 and team 2 take the same cost: the same project of openai."),
        (TEAM.replace('["a"]', '["a", "A"]'), "team 1 takes the same cost twice: the same project"),
        (
            TEAM + OTHER.replace("projects", "keys"),
            "team 1 and team 2 are about projects and keys of openai: a cost could be counted",
        ),
        (
            TEAM.replace("projects", 'keys = ["k"], projects'),
            "team 1 rules 1 has projects and keys",
        ),
        (TEAM.replace('connection = "openai", projects = ["a"]', ""), "rules 1 names nothing."),
        (TEAM.replace("openai", "acme"), "team 1 names an unknown connection: acme. Use one of"),
        (TEAM.replace("projects", "users").replace("openai", "deepseek"), "no spend by user"),
        (
            TEAM.replace("projects", "users").replace('"a"', '"b@c.de"'),
            "isn't a user's name or id.",
        ),
        (SHARED.replace("search = 60", "nobody = 60"), "has a share of nobody, which isn't a team"),
        (SHARED.replace("search = 60", "search = 60, Search = 40"), "names a team twice"),
        (SHARED.replace("60", "100.5"), "search isn't a percentage."),
        (SHARED.replace("60", "33.333"), "search isn't a percentage."),
        (SHARED.replace("key", 'user = "u"\nkey'), "shared_cost 1 needs one project, key or user"),
        (PERSON.replace("U0123", "ann"), "person 1 slack isn't the ID of a Slack user. Use an ID"),
        (PERSON.replace("Ann", "a@b.de"), "person 1 users 1 isn't a user's name or id."),
        (PERSON.replace('"Ann"', ""), "person 1 names no user."),
        (PERSON + PERSON.replace("U0123", "U0124"), "person 2 has the same user as person 1."),
        (PERSON + PERSON.replace("Ann", "Ben"), "person 2 has the same user as person 1."),
        ('[[anomaly_alerts]]\nchannel = "general"\n', "anomaly_alerts 1 channel isn't a channel's"),
    ],
)
def test_a_wrong_entry_is_named_by_its_place(tmp_path: Path, text: str, says: str) -> None:
    """By the file, the table, the entry's number and the field, with how to fix it."""
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    (line,) = str(raised.value).splitlines()
    assert line.startswith("aicost.toml: ")
    assert says in line


def test_teams_are_read_in_the_files_order(tmp_path: Path) -> None:
    """Names of any case are the same, and an id goes before a name."""
    other = OTHER.replace("{ projects", '{ connection = "openrouter" }, { projects')
    text = TEAM + other.replace('"A"', '"proj_1", "B"') + SHARED.removeprefix(TEAM)
    text = text.replace('key = "k"\nconnection = "openrouter"', 'project = "shared"')
    teams = read(tmp_path, text).file.teams
    assert teams.names == ("search", "platform")
    openai, openrouter = teams.of("openai"), teams.of("openrouter")
    assert openai.shares_of("x", "a") == openai.shares_of("A", None) == whole("search")
    assert openai.shares_of("Proj_1", "a") == whole("platform")
    assert openai.shares_of("x", "Shared") == (Share("search", Decimal(60)),)
    assert openai.shares_of("x", "y") is None
    assert (openai.rest, openrouter.rest) == ((), whole("platform"))
    assert openrouter.shares_of("x", "a") is None


def test_users_need_their_breakdown(tmp_path: Path) -> None:
    """A rule about users is refused where costs by user are off."""
    text = TEAM.replace("projects", "users") + PERSON
    (tmp_path / "aicost.toml").write_text(text, encoding="utf-8")
    settings_of({"OPENAI_ADMIN_KEY": "k1"}, tmp_path)
    with pytest.raises(SettingsError) as raised:
        settings_of({"OPENAI_ADMIN_KEY": "k1", "AICOST_BREAKDOWN_BY_USER": "off"}, tmp_path)
    for place in ("team 1", "person 1"):
        assert f"{place} is about users, but AICOST_BREAKDOWN_BY_USER is off." in str(raised.value)


def test_all_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    """A line for each problem."""
    text = BUDGET.replace("500", "-1") + DIGEST.replace("09:00", "x") + LOW.replace("20", "0")
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, text)
    assert [line.split()[1] for line in str(raised.value).splitlines()] == [
        "budget",
        "low_balance",
        "digest",
    ]


def test_a_right_file_is_read(tmp_path: Path) -> None:
    """With the defaults of what it leaves out."""
    file = read(tmp_path, BUDGET + LOW + DIGEST + VISIBILITY).file
    assert (file.budget[0].thresholds, file.budget[0].scope.kind) == ((50, 80, 100), "all")
    assert file.low_balance[0].scope.name == "openrouter"
    assert f"{file.digest[0].time:%H:%M}" == "09:00"
