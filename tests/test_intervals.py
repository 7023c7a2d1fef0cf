"""The intervals of production: those that depend on each other agree."""

from bot.config.intervals import PRODUCTION, Backoff
from bot.slack.inflight import LONGEST_RUSH as RUSH
from bot.slack.notifier import NOTIFY_SECONDS

ANSWER = 8.0
"""Seconds within which people see an answer, or that it is on its way."""
SLACK = 3.0
"""Seconds that Slack waits for an acknowledgement, and that a modal may be opened after a press."""


def test_forms_modals_and_searches_are_answered_while_slack_waits() -> None:
    """What is shown in place of an answer leaves half a second for its own request."""
    for wait in (PRODUCTION.form_ack, PRODUCTION.open_modal + RUSH, PRODUCTION.search):
        assert wait <= SLACK - 0.5


def test_an_answer_that_goes_another_way_is_there_in_time() -> None:
    """A response URL fails, then the channel, and the direct message still comes in time."""
    assert PRODUCTION.response_url + 2 * NOTIFY_SECONDS + RUSH < ANSWER
    assert PRODUCTION.still_working + PRODUCTION.response_url < ANSWER


def test_a_database_that_is_held_is_reported_in_time() -> None:
    """Even where the turn, the connection and the lock are each waited for."""
    assert 3 * PRODUCTION.database < ANSWER


def test_a_post_ends_before_another_process_takes_it_over() -> None:
    """A post that hangs is given up, and that is recorded, while its claim still holds."""
    assert PRODUCTION.post + sum(PRODUCTION.record) < PRODUCTION.lease


def test_a_process_that_lives_is_known_to_live() -> None:
    """It may miss a sign of life without being taken for gone."""
    assert PRODUCTION.heartbeat_lasts >= 2 * PRODUCTION.heartbeat
    assert PRODUCTION.lease_poll < PRODUCTION.lease / 3


def test_stopping_fits_into_what_platforms_allow() -> None:
    """Jobs under way and then answers: most platforms kill a process after 15 seconds or more."""
    assert PRODUCTION.stop_jobs + PRODUCTION.stop_answers < 15


def test_a_backoff_doubles_up_to_its_longest() -> None:
    """However often it failed."""
    backoff = Backoff(0.5, 3.0)
    assert [backoff.wait(failures) for failures in (1, 2, 3, 4, 1000)] == [0.5, 1, 2, 3, 3]
