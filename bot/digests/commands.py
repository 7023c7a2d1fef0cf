"""The commands of digests."""

from dataclasses import replace
from datetime import datetime

from bot.access.models import Requester
from bot.digests.messages.answers import render
from bot.digests.models import DigestAwaitsManager, DigestChanged
from bot.digests.service import Digests
from bot.language.commands import DigestList, DigestOff, DigestOn, DigestPreview
from bot.reports.router import Command, Commands


def commands(digests: Digests) -> Commands:
    """Return the commands of digests."""

    async def turn_on(
        command: DigestOn, requester: Requester, now: datetime
    ) -> DigestChanged | DigestAwaitsManager:
        there = replace(requester, channel=command.channel or requester.channel)
        return await digests.on(command, there, now)

    return {
        DigestOn: Command("operate", turn_on, render),
        DigestOff: Command("operate", digests.off, render),
        DigestList: Command("read", digests.listing, render),
        DigestPreview: Command("read", digests.preview, render),
    }
