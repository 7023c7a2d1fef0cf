"""Questions about one thing, other breakdowns and comparisons, against the simulators' truth."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.language.commands import CommandRejected
from bot.reports.messages.compare import compared_rows
from bot.reports.models import CompareAnswer
from providers.money import cents, total
from providers.period import DAY, Period
from simulators.world.truth import ProviderName
from tests.harness import App

PROVIDERS: tuple[ProviderName, ...] = ("openai", "openrouter")

MONTH = Period(date(2026, 11, 1), date(2026, 11, 23))
DAYS = "2026-11-01..2026-11-22"


def used(answer: Mapping[str, Any]) -> Decimal:
    return Decimal(answer["used"]["total"])


def rows(answer: Mapping[str, Any]) -> list[tuple[str, str, Decimal]]:
    return [
        (row["name"], row["connection"], Decimal(row["used"]))
        for row in answer["breakdown"]["rows"]
    ]


async def test_one_thing_costs_what_the_simulators_charged_for_it(synced: App) -> None:
    """To the nano, with its days; and every other breakdown of it adds up to it."""
    world = synced.providers.world
    both = [world.truth.by_model(provider, MONTH) for provider in ("openai", "openrouter")]
    models = {name for each in both for name in each if name}
    for model in sorted(models)[:4]:
        expected = total(each.get(model, Decimal(0)) for each in both)
        for by in ("", "by day", "by project", "by week", "by month", "by provider"):
            answer = await synced.ask(f'model "{model}" {DAYS} {by}')
            assert used(answer) == expected, (model, by)
            assert total(Decimal(day["used"]) for day in answer["days"]) == expected
            if by:
                assert total(amount for _, _, amount in rows(answer)) == expected, (model, by)
    by_project = world.truth.by_project("openai", MONTH)
    for project in world.openai.projects[:4]:
        answer = await synced.ask(f'project "{project.name}" {DAYS} by model')
        assert used(answer) == by_project.get(project.project_id, Decimal(0)), project.name
        assert total(amount for _, _, amount in rows(answer)) == used(answer)
    by_key = {key: amount for key, amount in world.truth.by_key("openai", MONTH).items() if key}
    for key in sorted(by_key)[:4]:
        answer = await synced.ask(f'key "{key}" {DAYS} by day')
        assert used(answer) == by_key[key], key


async def test_other_breakdowns_add_up_to_the_truth(synced: App) -> None:
    """By provider, week, month, and by project and model: each row and all together."""
    truth = synced.providers.world.truth
    whole = {provider: truth.used(provider, MONTH) for provider in ("openai", "openrouter")}
    by_provider = rows(await synced.ask(f"{DAYS} by provider"))
    assert {connection: amount for _, connection, amount in by_provider} == whole
    for by in ("week", "month", "project and model", "model and provider"):
        answer = await synced.ask(f"{DAYS} by {by}")
        sums: dict[str, list[Decimal]] = {}
        for _, connection, amount in rows(answer):
            sums.setdefault(connection, []).append(amount)
        assert {name: total(amounts) for name, amounts in sums.items()} == whole, by
    first_week = Period(date(2026, 11, 2), date(2026, 11, 9))
    weeks = {(n, c): amount for n, c, amount in rows(await synced.ask(f"{DAYS} by week"))}
    assert weeks["week of 2026-11-02", "openai"] == truth.used("openai", first_week)


async def test_questions_in_other_words_are_the_truth_too(synced: App) -> None:
    """One provider in a period, by every breakdown: rows by id, and all together. A comparison that
    names one side alone."""
    truth, today = synced.providers.world.truth, synced.clock().date()
    of_rows = {"model": truth.by_model, "project": truth.by_project, "key": truth.by_key}
    week = Period(date(2026, 11, 9), date(2026, 11, 16))
    fortnight = Period(today - DAY * 13, today + DAY)
    asked: tuple[tuple[ProviderName, str, Period], ...] = (
        ("openai", "week of november 11", week),
        ("openrouter", "last fortnight", fortnight),
    )
    for provider, words, period in asked:
        whole = truth.used(provider, period)
        for by in ("model", "project", "key", "week", "provider"):
            answer = await synced.ask(f"total {provider} costs {words} by {by}")
            sums = total(amount for _, _, amount in rows(answer))
            assert (used(answer), sums) == (whole, whole), (words, by)
            shown = {row["id"]: Decimal(row["used"]) for row in answer["breakdown"]["rows"]}
            expected = of_rows[by](provider, period) if by in of_rows else shown
            assert {key: each for key, each in shown.items() if each} == {
                key: each for key, each in expected.items() if each
            }, (words, by)
    for by in ("by model", "by project", "by key"):
        text = f"last week more than the week before {by}"
        answer = (await synced.services.ask(text, synced.clock())).result
        assert isinstance(answer, CompareAnswer), text
        for side, summary in ((1, answer.first), (2, answer.second)):
            whole = total(truth.used(each, summary.period) for each in PROVIDERS)
            parts = [
                (row[1] if side == 1 else row[2]) or Decimal(0) for row in compared_rows(answer)
            ]
            assert (summary.used_total, total(parts)) == (whole, whole), text


async def test_a_name_that_never_cost_anything_is_no_zero(synced: App) -> None:
    """A project, model or key that the ledger does not know is named; it is not $0.00."""
    for text in ("project nobody", "model gpt-0", "key nowhere"):
        answer = (await synced.services.ask(text, synced.clock())).result
        assert isinstance(answer, CommandRejected), text
        assert text.partition(" ")[2] in answer.message


async def test_what_is_known_of_the_whole_alone_is_not_said_of_a_part(synced: App) -> None:
    """No balance and no limit of an account stands in the answer for one project or model."""
    name = synced.providers.world.openai.projects[0].name
    for text in (f'project "{name}"', f'why project "{name}"', f'forecast project "{name}"'):
        answer = (await synced.services.ask(text, synced.clock())).result
        assert all(each.left is None for each in answer.summary.connections), text
        assert answer.summary.next_limit is None
        assert name in str((await synced.services.ask(text, synced.clock())).message.blocks)
    part = await synced.services.ask("project Product", synced.clock())
    assert part.result.summary.connections[0].billing is None
    assert "paid" not in str(part.message.blocks)


async def test_a_comparison_subtracts_to_the_cents_that_are_shown(synced: App) -> None:
    """Both sides are the truth, rows add up to them, and a change is what the row shows."""
    truth = synced.providers.world.truth
    for text in (
        "2026-11-02..2026-11-08 vs 2026-11-09..2026-11-15 by model",
        "openai vs openrouter 2026-11-02..2026-11-15",
        "openai vs openrouter 2026-11-02..2026-11-15 by model",
        "compare openrouter 2026-11-02..2026-11-08 with 2026-11-09..2026-11-15",
    ):
        found = await synced.services.ask(text, synced.clock())
        assert isinstance(found.result, CompareAnswer), text
        answer = found.result
        for summary in (answer.first, answer.second):
            scope = summary.scope
            providers = [each for each in PROVIDERS if scope is None or scope.name == each]
            assert summary.used_total == total(
                truth.used(each, summary.period) for each in providers
            )
        parts = compared_rows(answer)
        for side, summary in ((1, answer.first), (2, answer.second)):
            assert (
                total((row[1] if side == 1 else row[2]) or Decimal(0) for row in parts)
                == summary.used_total
            )
        (table,) = [block for block in found.message.blocks if block["type"] == "data_table"]
        for row in table["rows"][1:]:
            # the later period or second thing, the change, and what it is compared with
            other, moved, one = (Decimal(str(cell["value"])) for cell in row[1:])
            assert moved == cents(other) - cents(one)

    projects = {each.name: each.project_id for each in synced.providers.world.openai.projects}
    by_project, by_model = truth.by_project("openai", MONTH), truth.by_model("openai", MONTH)
    for text, expected in (
        ("search vs voice", [by_project[projects["search"]], by_project[projects["voice"]]]),
        ("gpt5 vs voice", [by_model["gpt-5-2025-08-07"], by_project[projects["voice"]]]),
    ):
        found = await synced.services.ask(f"{text} {DAYS}", synced.clock())
        assert isinstance(found.result, CompareAnswer), text
        assert [found.result.first.used_total, found.result.second.used_total] == expected, text
