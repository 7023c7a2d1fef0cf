"""Settings that `aicost.toml` manages: they can't be changed in Slack."""

import re
from collections.abc import Iterable

from bot.language.commands import CommandRejected

CONFIG_FILE = "aicost.toml"
"""Who made and changed what the file says, in the audit log too."""
MANAGED = f"managed by {CONFIG_FILE}"
_PERSON = re.compile(r"[UW][A-Z0-9]+")


def refuse_managed(what: str, *, is_managed: bool) -> None:
    """Raise `CommandRejected` for a change of a setting that the file manages; `what` begins the
    sentence: ``Budget 3 is``."""
    if is_managed:
        raise CommandRejected(f"{what} {MANAGED} and can only be changed there.")


def people_among(actors: Iterable[str]) -> list[str]:
    """Return those that are Slack users, each once: the file gets no direct messages."""
    return [each for each in dict.fromkeys(actors) if _PERSON.fullmatch(each)]
