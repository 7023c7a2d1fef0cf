"""The commands of statements."""

from typing import Any

from bot.language.statement import Invoice, Statement
from bot.reports.exports import FilesReady
from bot.reports.messages.notices import files_sent_message
from bot.reports.router import Commands, CommandSpec
from bot.slack.message import Message
from bot.statements.messages import invoice_message, statement_message
from bot.statements.service import Statements


def questions(statements: Statements) -> Commands:
    """Return the commands answered from the ledger, limited to what the requester may see."""
    return {Statement: CommandSpec("read", statements.statement, _render, is_public=True)}


def changes(statements: Statements) -> Commands:
    """Return the commands for managers."""
    return {Invoice: CommandSpec("manage", statements.invoice, invoice_message)}


def _render(result: Any) -> Message:
    if isinstance(result, FilesReady):
        return files_sent_message(result)
    return statement_message(result)
