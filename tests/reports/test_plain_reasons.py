"""Reasons in answers and alerts have no codes, paths and commands: those are in the status."""

import pytest

from bot.reports.messages.plain_reasons import without_codes

SPEND = "Reading spend has failed since 26 Nov 16:30 UTC: "
BALANCE = "Reading the balance has failed since 26 Nov 17:30 UTC: "


@pytest.mark.parametrize(
    ("reason", "plain"),
    [
        (
            "OpenAI answered 503 to /costs: The server is overloaded.",
            "OpenAI's server is overloaded.",
        ),
        (f"{SPEND}OpenAI answered 503 to /costs: It is down. Wait.", f"{SPEND}It is down. Wait."),
        (
            f"{SPEND}X answered 401 to /a: Wrong key. Fix it. {BALANCE}X answered 500 to /b: Down.",
            f"{SPEND}Wrong key. Fix it. {BALANCE}Down.",
        ),
        ("OpenAI answered 503 to /costs: Overloaded", "Overloaded."),
        ("OpenAI's /costs couldn't be read (ReadError).", "OpenAI's answer couldn't be read."),
        ("requests fail (429 spend_limit)", "Requests fail."),
        ("Wait until 2026-13-45 16:30 UTC", "Wait until 2026-13-45 16:30 UTC."),
        ("X was not read. Ann can run `aicost sync`.", "X was not read. Ann can read it."),
        ("Ann can load them with `aicost sync --since 2026-11-01`.", "Ann can load them."),
        ("Ann can look at the bot, or run `aicost sync`.", "Ann can look at the bot."),
        ("", ""),
    ],
)
def test_no_code_and_no_path_is_left(reason: str, plain: str) -> None:
    assert without_codes(reason) == plain


def test_moments_are_in_the_readers_time_zone() -> None:
    since = "<!date^1795710600^{date_short_pretty} at {time}|26 Nov 16:30 UTC>"
    reason = "Reading spend has failed since 2026-11-26 16:30 UTC: Wrong key & more."

    shown = without_codes(reason)

    assert shown == f"Reading spend has failed since {since}: Wrong key &amp; more."
