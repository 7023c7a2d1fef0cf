"""Build the commands of digests from what was parsed."""

from dataclasses import replace
from datetime import time

from bot.language import commands
from bot.language.build_budgets import Filled, about_of
from bot.language.commands import Incomplete, Query
from bot.language.examples import two_of
from bot.language.tokens import ParseError
from bot.schedule import EVERY_DAY, MONDAYS
from bot.scope import Scope

DEFAULT_TIME = time(9)


def _scope_of(filled: Filled) -> Scope | None:
    about, own = about_of(filled), filled.get("own place")
    if about and own:
        raise ParseError("A digest is about one thing. Leave out “about here”, or the other name.")
    return own or about


def _settings(filled: Filled) -> commands.DigestOn:
    scope = _scope_of(filled) or Scope("all")
    if scope.kind in ("key", "model", "team"):
        raise ParseError(f"A digest can't be about one {scope.kind}. Name a provider or a project.")
    rhythm, days = filled.get("rhythm", ("daily", EVERY_DAY))
    if chosen := frozenset[int]().union(*filled.get("days", ())):
        if rhythm not in ("daily", "weekly"):
            raise ParseError("Name the days, or how often it comes, not both.")
        rhythm, days = ("weekly" if days == MONDAYS else "days"), chosen
    return commands.DigestOn(
        at=filled.get("time", DEFAULT_TIME),
        days=days,
        rhythm=rhythm,
        zone=filled.get("zone"),
        scope=scope,
        depth=filled.get("depth", "full"),
        settled_by=filled.get("settled"),
        channel=filled.get("channel"),
    )


def digest(filled: Filled) -> Query:
    """Return a digest command. Without “on” it needs a time; with less, a form asks for the
    rest."""
    if len(filled) == 1:
        return commands.DigestList()
    if "time" in filled:
        return digest_on(filled)
    return _form(filled)


def digest_on(filled: Filled) -> commands.DigestOn:
    """Return the command, with the form that asks in a channel that already has a digest."""
    if "at once" in filled and "time" not in filled:
        raise ParseError(
            "A digest is posted at its times. “digest preview” shows the next one, to you alone.",
            "digest list",
        )
    command = _settings(filled)
    return command if "another" in filled else replace(command, form=digest_change(filled))


def digest_off(filled: Filled) -> commands.DigestOff:
    """Return the end of a digest. Some of its days aren't all of it: “stop it on weekends”."""
    rhythm, _ = filled.get("rhythm", (None, None))
    if rhythm == "days":
        raise ParseError("To keep some of its days, choose them: “digest change weekdays”.")
    return commands.DigestOff(filled.get("number"), rhythm)


def _form(filled: Filled) -> Incomplete:
    """Return the form of a digest with what was said."""
    set_ = _settings(filled)
    is_said = "rhythm" in filled or "days" in filled
    return Incomplete(
        form="digest",
        message="When should the digest be posted?",
        examples=two_of("digest"),
        scope=_scope_of(filled),
        channel=set_.channel,
        at=filled.get("time"),
        rhythm=set_.rhythm if is_said else None,
        weekdays=set_.days if "days" in filled else frozenset(),
        zone=set_.zone,
    )


def digest_change(filled: Filled) -> Incomplete:
    """Return the form of the channel's digest. Only there can be seen what it changes."""
    message = "Save the form to change this channel's digest. What you didn't name stays."
    return replace(_form(filled), message=message, is_change=True)


def report_form(filled: Filled) -> Incomplete:
    """Return the form of a new digest, such as “monday morning summary at 8am”."""
    form = _form(filled)
    if form.at is not None:
        return replace(form, message="Save the form to get this digest.")
    return form if form.rhythm else replace(form, rhythm="daily")
