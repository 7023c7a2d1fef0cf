"""What `aicost doctor` finds."""

from collections.abc import Sequence

from bot.cli.checks import Finding


def faulty(findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.state == "fault"]


OPENAI = "connection openai"
OPENROUTER = "connection openrouter"
