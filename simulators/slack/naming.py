"""Names in plain text, as Slack shows them."""

import re

from simulators.slack.state import State

_MENTION = re.compile(r"[#@][A-Z][A-Z0-9]+")


def named(plain: str, state: State) -> str:
    """The text with the ids that mentions leave in it as the names of channels and people."""
    names = {f"#{c.id}": f"#{c.name}" for c in state.channels.values()}
    names |= {f"@{p.id}": f"@{p.name}" for p in state.people.values()}
    return _MENTION.sub(lambda found: names.get(found[0], found[0]), plain)
