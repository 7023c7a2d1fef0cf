"""The commands of digests."""

from bot.digests.messages.answers import render
from bot.digests.service import Digests
from bot.language.commands import DigestList, DigestOff, DigestOn, DigestPreview
from bot.reports.router import Command, Commands


def commands(digests: Digests) -> Commands:
    """What can be typed about digests."""
    return {
        DigestOn: Command("operate", digests.on, render),
        DigestOff: Command("operate", digests.off, render),
        DigestList: Command("read", digests.listing, render),
        DigestPreview: Command("read", digests.preview, render),
    }
