"""The commands of digests."""

from dataclasses import replace
from datetime import datetime

from bot.access.models import Requester
from bot.digests.messages.answers import render
from bot.digests.results import DigestAwaitsYes, DigestSet
from bot.digests.service import Digests
from bot.language.commands import CommandRejected, DigestList, DigestOff, DigestOn, DigestPreview
from bot.reports.router import Command, Commands


def commands(digests: Digests) -> Commands:
    """What can be typed about digests."""

    async def turn_on(
        command: DigestOn, requester: Requester, now: datetime
    ) -> DigestSet | DigestAwaitsYes | CommandRejected:
        there = replace(requester, channel=command.channel or requester.channel)
        answer = await digests.on(command, there, now)
        is_here = there.channel == requester.channel
        return replace(answer, is_here=is_here) if isinstance(answer, DigestSet) else answer

    return {
        DigestOn: Command("operate", turn_on, render),
        DigestOff: Command("operate", digests.off, render),
        DigestList: Command("read", digests.listing, render),
        DigestPreview: Command("read", digests.preview, render),
    }
