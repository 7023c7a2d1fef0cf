"""The commands of digests."""

from dataclasses import replace
from datetime import datetime

from bot.access.models import Requester
from bot.digests.messages.answers import render
from bot.digests.models import DigestAwaitsManager, DigestChanged
from bot.digests.service import Digests
from bot.language.commands import DigestList, DigestOff, DigestOn, DigestPreview, Incomplete
from bot.reports.router import Commands, CommandSpec


def commands(digests: Digests) -> Commands:
    """Return the commands of digests."""

    async def turn_on(
        command: DigestOn, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager | Incomplete:
        there = replace(requester, channel=command.channel or requester.channel)
        question = await digests.ask_first(command, there)
        if question is not None:
            return question
        return await digests.on(command, there, now)

    return {
        DigestOn: CommandSpec("operate", turn_on, render),
        DigestOff: CommandSpec("operate", digests.off, render),
        DigestList: CommandSpec("read", digests.listing, render),
        DigestPreview: CommandSpec("read", digests.preview, render),
    }
