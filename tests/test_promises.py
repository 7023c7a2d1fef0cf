"""What the docs promise: each sentence stands on its page, and the tests that hold it are there.

A sentence that changes has to be looked at together with its tests.
"""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SECURITY: dict[str, tuple[str, ...]] = {
    "They are never written to the database, a log, an error, an export or Slack.": (
        "test_a_secret_may_come_as_a_file",
        "test_no_secret_is_written_and_nothing_that_people_type",
        "test_settings_show_no_secret",
    ),
    "All logs are redacted, those of libraries too.": ("test_no_secret_reaches_a_line",),
    "A provider's key is sent only to that provider's base URL. Redirects are not followed.": (
        "test_the_key_goes_to_no_other_place",
    ),
    "`aicost.toml` holds names of variables and files, never keys.": (
        "test_connections_keep_the_file_s_order",
        "test_a_wrong_file_names_the_place",
    ),
    "aicost sends only `GET` requests to providers, and `POST` to OpenRouter's "
    "`/analytics/query`, which only reads.": ("test_keys_are_used_to_read_alone",),
    "the last 35 days by hour and model, if cost-anomaly alerts are on": (
        "test_hours_are_let_go_of_after_five_weeks",
        "test_hours_are_read_only_where_they_are_watched",
    ),
    "and who changed what (Slack ids).": ("test_every_change_and_press_is_on_record",),
    "No prompts, no completions, no e-mail addresses, no messages of people.": (
        "test_no_secret_is_written_and_nothing_that_people_type",
        "test_no_answer_holds_what_must_not_be_kept",
    ),
    "so a project called `<!channel>` notifies nobody.": (
        "test_names_from_outside_ping_nobody",
        "test_each_is_answered_and_none_pings",
    ),
    "E-mail addresses, keys and invisible characters are removed before it is stored.": (
        "test_no_text_of_a_provider_keeps_a_secret",
        "test_invisible_characters_are_removed",
    ),
    "In a CSV, text that a spreadsheet would run as a formula starts with an apostrophe.": (
        "test_no_formula_from_outside_runs_in_a_spreadsheet",
    ),
    "| guests and people of other workspaces in `AICOST_VIEWERS` | yes | no | no | no |": (
        "test_each_kind_of_person_may_do_what_the_table_says",
    ),
    "A button checks the person who pressed it": ("test_guests_cannot_press_what_they_see",),
    "You can limit what a channel or a user group sees to some connections or projects": (
        "test_a_limited_channel_shares_and_exports_less",
        "test_channels_and_groups_limit_who_sees_what",
    ),
    "Every change is in the audit log.": ("test_every_change_and_press_is_on_record",),
    "The metrics name connections and budgets": ("test_metrics_hold_no_figures",),
    "In Socket Mode it is bound to `127.0.0.1`": (
        "test_a_flood_of_connections_stops_nothing",
        "test_the_address_to_listen_on",
    ),
    "Set `AICOST_HOST` to an address of your own network if a monitor needs it.": (
        "test_the_address_can_be_chosen",
    ),
    "`/metrics` answers only to an address or `localhost` as host name": (
        "test_metrics_of_this_machine_alone",
    ),
    "and no line in the log.": (
        "test_more_connections_than_it_takes",
        "test_a_connection_that_keeps_still_is_ended",
        "test_what_slack_signed_but_would_never_send",
        "test_junk_is_not_logged",
    ),
    "In HTTP mode each request's signature and age are checked on its raw "
    "bytes, before anything is parsed. Other requests get 401, are counted in "
    "`aicost_slack_requests_refused_total` and not logged.": ("test_what_slack_did_not_sign",),
    "A request for another workspace, organization or app is refused, and a signature is accepted "
    "once by each copy of the bot.": (
        "test_what_is_for_another_workspace_or_app",
        "test_a_signature_is_accepted_once",
    ),
}

ARCHITECTURE: dict[str, tuple[str, ...]] = {
    "`pyproject.toml` has the order as one exhaustive list": (
        "test_every_package_in_the_docs_is_in_a_layer",
    ),
}

DESIGN: dict[str, tuple[str, ...]] = {
    "they are rounded once, when stored, so that every sum is exact on both databases.": (
        "test_each_amount_is_rounded_once_to_the_nano",
        "test_postgresql_holds_the_same_figures",
    ),
    "so it reads the same in text, table, chart, digest, alert and on the Home tab.": (
        "test_a_figure_is_the_same_everywhere",
    ),
    "A change is the difference of the two figures shown.": (
        "test_a_change_is_the_difference_of_what_is_shown",
    ),
    "Rows may therefore differ from their total by a cent or two; a footnote says so": (
        "test_a_row_is_rounded_on_its_own",
        "test_connections_are_rounded_on_their_own",
    ),
    "JSON and the export are exact.": ("test_sync_ask_export", "test_the_export_is_the_same_money"),
    "are in whole dollars, and have two digits below $10.": (
        "test_an_estimate_is_not_shown_to_the_cent",
    ),
    "Percentages are left out where a credit is among the parts.": (
        "test_no_shares_of_what_has_credits",
    ),
    "When the figures as shown differ by 1% or by a dollar, and at least by a cent. Smaller ones "
    "are in the ledger and in `ask --json` (`restatements`).": (
        "test_a_correction_is_announced_from_one_percent_or_a_dollar",
    ),
    "The sum of theirs, made once from the same days and at the same moment": (
        "test_a_total_is_the_sum_of_its_connections",
        "test_a_month_is_forecast_once",
    ),
    "The range is learned from how far off that sum was on past days.": (
        "test_the_range_holds_four_times_in_five",
    ),
    "Month to date: the same days of the month before. A month or a week: the "
    "one before. A day: the same weekday a week before.": ("test_like_is_compared_with_like",),
    "Only complete days are compared.": (
        "test_the_change_is_about_whole_days_that_both_periods_know",
    ),
    "a level that single spikes and short outages don't move": (
        "test_a_quiet_week_or_a_single_spike_is_not_the_burn",
        "test_one_model_says_how_long_credit_lasts",
    ),
    "A balance or a burn rate at or below zero has no runway.": (
        "test_a_balance_below_zero_has_no_runway",
        "test_what_is_given_back_has_no_runway",
    ),
    "The ledger answers: within a tenth of a second from a million charges, outage or not.": (
        "bench.answers",
        "test_a_fault_is_shown_with_the_last_figures",
    ),
    "Freshness is said with each figure.": ("test_small_print_says_what_is_left_out",),
    "A read covers every day of its window or it is an error. A day is replaced "
    "as a whole, in one transaction.": (
        "test_a_failing_second_page_is_never_a_smaller_total",
        "test_a_day_is_replaced_as_a_whole",
    ),
    "Once the provider has published it.": (
        "test_a_day_not_published_yet_is_missing_and_never_zero",
    ),
    "It counts as $0.00 only where nothing was to be expected": (
        "test_after_an_idle_week_what_is_counted_decides",
        "test_a_day_without_cost_is_zero_once_the_delay_is_over",
    ),
    "with one request for each 31 days.": ("test_a_late_correction_is_found_within_a_day",),
    "An unknown figure has a reason and a fix, and nothing is computed from it.": (
        "test_nothing_is_known_of_openai_and_all_of_openrouter",
        "test_nothing_is_said_from_figures_that_are_stale",
    ),
    "are forecast again from the days that were over at this point.": (
        "test_past_months_are_compared_with_a_simple_run_rate",
    ),
    "The providers account in UTC days.": ("test_days_are_utc",),
    "Digests are *posted* in local time.": ("test_the_hardest_zones",),
    "A row holds its next due instant; each run asks what is due and claims it.": (
        "test_processes_that_run_together_post_each_slot_once",
    ),
    "APScheduler only starts those few jobs.": (
        "test_a_step_of_the_clock_neither_stops_nor_floods_a_job",
        "test_every_job_goes_on_when_the_wall_clock_is_set",
    ),
    "The transaction that commits the charges also finds crossings. Each "
    "becomes an alert and an outbox row there, unique on rule, version, period "
    "and threshold.": (
        "test_exactly_what_the_specification_calls_for_is_posted",
        "test_killed_at_every_step_between_crossing_and_record",
    ),
    "A claim is freed once its process is gone, or was seen at the same claim for a minute; no "
    "wall clock decides that.": (
        "test_what_a_dead_process_left_is_posted_at_once",
        "test_no_clock_says_that_a_process_died",
    ),
    "The message is posted again, may be there twice, and is counted.": (
        "test_an_answer_that_was_lost_is_the_only_way_to_twice",
        "test_where_nobody_knows_it_is_posted_again",
    ),
    "with one loop after 0.1 s": ("bench.acks",),
    "here work under way is finished first.": (
        "test_stopping_loses_no_answer",
        "test_it_answers_and_stops_without_losing_anything",
    ),
    "The same question with the same visibility is computed once while nothing in the database has "
    "changed": (
        "test_the_same_question_from_many_is_computed_once",
        "test_a_shared_answer_is_never_one_with_a_wider_view",
        "test_a_changed_budget_is_seen_by_the_next_question",
    ),
    "Of different questions, four are computed at a time and the others wait": (
        "test_more_questions_than_connections_wait_for_their_turn",
    ),
    "each person reads that the answer follows.": (
        "test_who_has_waited_for_five_seconds_reads_that_the_answer_follows",
        "test_every_requester_gets_the_figure_after_a_slow_moment",
    ),
    "Where response URLs fail three times in a row, answers go by ephemeral or direct message": (
        "test_response_urls_that_stay_silent_are_left_alone",
        "test_one_slow_post_delays_no_other_answer",
        "test_a_busy_process_does_not_blame_slack",
    ),
    "Syncs, alerts and digests have database connections of their own.": ("bench.bursts",),
    "Writers take the lock first; readers, in WAL mode, wait for nobody.": (
        "test_writers_lose_none_of_each_others_changes",
        "test_a_reader_waits_for_no_writer_and_sees_nothing_half",
    ),
    "So that a year's answer adds up a few rows a day.": (
        "test_an_answer_asks_as_much_of_a_large_ledger_as_of_a_small_one",
    ),
    "what the keys don't explain is shown as `(unattributed)`.": (
        "test_every_breakdown_adds_up_to_the_total",
    ),
    "It fails if a limit is exceeded.": ("test_a_limit_that_does_not_hold_is_seen",),
}

INSTALL: dict[str, tuple[str, ...]] = {
    "The bot that starts second warns within seconds. The first one warns when "
    "Slack next makes it reconnect": (
        "test_a_second_bot_with_another_database_says_so",
        "test_the_first_of_two_bots",
    ),
    "A mismatch is a warning there": ("test_another_bot_with_the_same_tokens",),
}

README: dict[str, tuple[str, ...]] = {
    "One alert for each budget threshold that is passed, and when prepaid credit runs low.": (
        "test_each_threshold_is_one_message_however_often_it_is_read",
        "test_low_credit_alerts_once_and_a_top_up_ends_it",
    ),
    "a figure we could not get is *unknown*, with the reason and a fix, never $0.": (
        "test_nothing_is_known_of_openai_and_all_of_openrouter",
        "test_a_key_that_may_not_read_makes_unknown_never_zero",
    ),
    "Every figure shows its period (UTC days) and its age. Sums are exact to "
    "the billionth of a dollar.": (
        "test_small_print_says_what_is_left_out",
        "test_a_window_names_its_days",
        "test_a_spreadsheet_comes_to_every_total",
    ),
    "nothing leaves the machine": ("test_the_demo_needs_nothing",),
    "a digest in each channel on its own schedule": ("test_a_digest_does_what_its_buttons_say",),
    "One provider is enough to start.": ("test_one_key_is_enough",),
    "the first start reads a year of history": (
        "test_a_first_sync_reads_a_year_and_shows_how_far_it_is",
    ),
    "no public address is needed.": ("test_it_needs_no_public_address", "test_it_is_valid"),
    "aicost only reads with these keys.": ("test_keys_are_used_to_read_alone",),
    "and a [`Procfile`](Procfile): see": ("test_it_runs_the_bot_and_ends_well",),
    "several copies can run, and every alert and digest is still posted once.": (
        "test_four_replicas_post_it_once",
        "test_processes_killed_at_random_while_slack_fails",
    ),
}

COMMAND_LINE: dict[str, tuple[str, ...]] = {
    "| `aicost run` | runs the bot | 0 after SIGTERM |": (
        "test_it_answers_and_stops_without_losing_anything",
    ),
    "| 0, or 1 if one failed |": ("test_sync_says_what_failed_and_what_to_do",),
    "| 0, or 2 if not understood |": ("test_ask_what_is_not_understood",),
    "| 0 healthy, 1 not |": (
        "test_a_set_up_that_is_well",
        "test_each_fault_is_named_with_its_fix",
    ),
    "lists changes of settings, newest first;": ("test_it_says_who_changed_what",),
    "applies database migrations (`run` does so too)": (
        "test_the_database_is_made_by_what_comes_first",
    ),
}

SETTINGS: dict[str, tuple[str, ...]] = {
    "Settings come from the environment, and from `.env` in the folder where the bot starts.": (
        "test_the_environment_wins_over_the_dot_env_file",
    ),
    "Each secret may come from a file instead": ("test_a_secret_may_come_as_a_file",),
    "shown next to the total, never in it": (
        "test_a_purchase_fee_is_shown_and_counts_in_no_total",
    ),
    "A connection in the file replaces the one that its key's variable would turn on.": (
        "test_the_file_may_reshape_the_usual_connection",
    ),
}

SLACK_COMMANDS: dict[str, tuple[str, ...]] = {
    "Order, case and small typos don't matter. Every word that carries meaning counts: "
    "[Words](words.md) lists them.": (
        "test_order_case_filler_and_slips_do_not_matter",
        "test_a_doubtful_slip_is_not_guessed",
    ),
    "Only you see an answer until you press *Share to channel*.": (
        "test_a_command_is_answered",
        "test_what_is_shared_is_seen_by_all",
    ),
    "Every full member of the workspace can read, acknowledge and snooze "
    "alerts, and set a digest in a channel they are in.": (
        "test_each_kind_of_person_may_do_what_the_table_says",
        "test_a_digest_does_what_its_buttons_say",
        "test_a_digest_by_a_member",
    ),
    "Guests and people of other workspaces see nothing unless `AICOST_VIEWERS` names them.": (
        "test_each_kind_of_person_may_do_what_the_table_says",
        "test_guests_open_nothing",
    ),
}

UPGRADING: dict[str, tuple[str, ...]] = {
    "An upgrade runs in one transaction: if it fails, the database stays as it was.": (
        "test_an_upgrade_of_every_earlier_version",
    ),
    "An older version refuses a database that a newer one has written to, and says so.": (
        "test_a_database_of_a_newer_version_is_left_alone",
    ),
    "The database of every earlier version is upgraded": (
        "test_an_upgrade_of_every_earlier_version",
    ),
}

PROMISES = [
    (page, sentence, tests)
    for page, promises in (
        ("docs/explanation/security.md", SECURITY),
        ("docs/architecture.md", ARCHITECTURE),
        ("docs/explanation/design.md", DESIGN),
        ("docs/how-to/install.md", INSTALL),
        ("docs/upgrading.md", UPGRADING),
        ("docs/reference/command-line.md", COMMAND_LINE),
        ("docs/reference/settings.md", SETTINGS),
        ("docs/reference/slack-commands.md", SLACK_COMMANDS),
        ("README.md", README),
    )
    for sentence, tests in promises.items()
]


@cache
def page(name: str) -> str:
    """A page, its line breaks as blanks."""
    return " ".join((ROOT / name).read_text(encoding="utf-8").replace("\n  ", " ").split())


@cache
def names_of_tests() -> frozenset[str]:
    """The names of all tests, and `bench.SECTION` of each section of the benchmarks."""
    names = {f"bench.{file.stem}" for file in (ROOT / "tests/bench").glob("*.py")}
    for file in (ROOT / "tests").rglob("test_*.py"):
        names |= set(re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8")))
    return frozenset(names)


@pytest.mark.parametrize(
    ("name", "sentence", "tests"), PROMISES, ids=[each[1] for each in PROMISES]
)
def test_each_promise_stands_on_its_page_and_has_its_tests(
    name: str, sentence: str, tests: tuple[str, ...]
) -> None:
    """Word for word; a test that is renamed or removed is missed here."""
    assert " ".join(sentence.split()) in page(name)
    assert not set(tests) - names_of_tests()
