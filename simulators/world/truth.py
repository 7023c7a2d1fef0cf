"""The figures that a complete and exact reader of the providers gets.

Money is rounded where aicost's ledger rounds it: once, to the nano, half to even, for each day,
project and line item (for breakdowns by key: each day and key).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

from providers.money import from_nano, to_nano, total
from providers.period import Period
from simulators.clock import DemoClock
from simulators.world.anthropic import AnthropicAccount
from simulators.world.openai import OpenAIAccount
from simulators.world.openrouter import OpenRouterAccount

ProviderName = Literal["openai", "openrouter", "anthropic"]
Breakdown = dict[str | None, Decimal]
K = TypeVar("K")


class Truth:
    """The truth at the clock's present, or for single days as it was at an earlier moment."""

    def __init__(
        self,
        clock: DemoClock,
        openai: OpenAIAccount,
        openrouter: OpenRouterAccount,
        anthropic: AnthropicAccount,
    ) -> None:
        self._clock = clock
        self._openai = openai
        self._openrouter = openrouter
        self._anthropic = anthropic

    def openai(self, day: date, until: datetime | None = None) -> Decimal:
        """Return what OpenAI charges for a UTC day."""
        return total(amount for _, _, amount in self._openai_grain(day, until))

    def openrouter(self, day: date, until: datetime | None = None) -> Decimal:
        """Return what OpenRouter took from the balance on a UTC day."""
        return total(amount for _, _, amount in self._openrouter_grain(day, until))

    def anthropic(self, day: date, until: datetime | None = None) -> Decimal:
        """Return what Anthropic charges for a UTC day, after discount."""
        return total(amount for _, _, amount in self._anthropic_grain(day, until))

    def anthropic_list(self, day: date, until: datetime | None = None) -> Decimal:
        """Return the cost of Anthropic's UTC day at list prices, before discount."""
        rows = self._anthropic.rows(day, until)
        return total(
            _rounded(((row.workspace_id, row[2:7]), row.list_amount) for row in rows).values()
        )

    def byok(self, day: date, until: datetime | None = None) -> Decimal:
        """OpenRouter's estimate of what others bill for a UTC day; no part of `openrouter`."""
        rows = self._openrouter.rows(day, until)
        of_each = (((row.workspace_id, row.model), row.byok) for row in rows)
        return total(_rounded(of_each).values())

    def used(self, provider: ProviderName, period: Period) -> Decimal:
        """Return the sum over a period's days."""
        of_day = {
            "openai": self.openai,
            "openrouter": self.openrouter,
            "anthropic": self.anthropic,
        }
        return total(of_day[provider](day) for day in period)

    def byok_used(self, period: Period) -> Decimal:
        """The BYOK estimate over a period's days."""
        return total(self.byok(day) for day in period)

    def by_model(self, provider: ProviderName, period: Period) -> Breakdown:
        """Return the cost of each model or service, by the provider's name for it."""
        grains = (grain for day in period for grain in self._grain(provider, day))
        return _summed((model, amount) for _, model, amount in grains)

    def by_project(self, provider: ProviderName, period: Period) -> Breakdown:
        """Each project by its id, workspaces of OpenRouter by their names; None holds what belongs
        to none."""
        grains = (grain for day in period for grain in self._grain(provider, day))
        return _summed((project, amount) for project, _, amount in grains)

    def by_key(self, provider: ProviderName, period: Period) -> Breakdown:
        """Return the cost of each key: by id, OpenRouter's by name, as the provider's
        answer has them. None is the rest, so that the breakdown adds up to what was used."""
        breakdown = _summed(
            pair
            for day in period
            for pair in _rounded(self._key_rows(provider, day)).items()
            if pair[0] is not None
        )
        return {**breakdown, None: self.used(provider, period) - total(breakdown.values())}

    def by_user(self, provider: ProviderName, period: Period) -> Breakdown:
        """Return the cost of each user, by id; of those who left OpenRouter's organization by name.
        None is the rest, so that the breakdown adds up to what was used."""
        breakdown: Breakdown = {}
        if provider == "openai":
            rows = (((row.user_id, row.amount) for row in self._openai.rows(d)) for d in period)
            breakdown = _summed(
                pair for of_day in rows for pair in _rounded(of_day).items() if pair[0]
            )
        if provider == "anthropic":
            people = {person.user_id for person in self._anthropic.people}
            used = (((row.actor, row.amount) for row in self._anthropic.rows(d)) for d in period)
            pairs = (pair for of_day in used for pair in _rounded(of_day).items())
            breakdown = _summed(pair for pair in pairs if pair[0] in people)
        if provider == "openrouter":
            ids = {
                user.user_id: user.user_id if user.is_member else user.name
                for user in self._openrouter.users
            }
            spent = (((row.user_id, row.usage) for row in self._openrouter.rows(d)) for d in period)
            pairs = (pair for of_day in spent for pair in _rounded(of_day).items())
            breakdown = _summed((ids[user], cost) for user, cost in pairs if user)
        return {**breakdown, None: self.used(provider, period) - total(breakdown.values())}

    def by_channel(self, provider: ProviderName, period: Period) -> Breakdown:
        """Return the cost of Claude in each channel of Slack, by its id. None is the rest, so that
        the breakdown adds up to what was used; all of it elsewhere than at Anthropic."""
        breakdown: Breakdown = {}
        if provider == "anthropic":
            rows = self._anthropic.rows
            used = (((row.slack_channel_id, row.amount) for row in rows(day)) for day in period)
            breakdown = _summed(
                pair for of_day in used for pair in _rounded(of_day).items() if pair[0]
            )
        return {**breakdown, None: self.used(provider, period) - total(breakdown.values())}

    def balance(self, until: datetime | None = None) -> Decimal:
        """Return OpenRouter's balance; below zero: overdrawn."""
        now = until or self._clock()
        exact = self._openrouter.total_credits(now) - self._openrouter.total_usage(now)
        return from_nano(to_nano(exact))

    def _grain(
        self, provider: ProviderName, day: date
    ) -> Iterable[tuple[str | None, str, Decimal]]:
        of_day = {
            "openai": self._openai_grain,
            "openrouter": self._openrouter_grain,
            "anthropic": self._anthropic_grain,
        }
        return of_day[provider](day, None)

    def _openrouter_grain(
        self, day: date, until: datetime | None
    ) -> Iterable[tuple[str | None, str, Decimal]]:
        rows = self._openrouter.rows(day, until)
        names = {each.workspace_id: each.name for each in self._openrouter.workspaces}
        sums = _rounded(((row.workspace_id, row.model), row.usage) for row in rows)
        return [
            (names.get(workspace), model, amount) for (workspace, model), amount in sums.items()
        ]

    def _anthropic_grain(
        self, day: date, until: datetime | None
    ) -> Iterable[tuple[str | None, str, Decimal]]:
        """Return costs by workspace and model; a component without a model has its name."""
        rows = self._anthropic.rows(day, until)
        sums = _rounded(((row.workspace_id, row[2:7]), row.amount) for row in rows)
        return [
            (workspace, model or cost_type.replace("_", " "), amount)
            for (workspace, (model, _, _, cost_type, _)), amount in sums.items()
        ]

    def _openai_grain(
        self, day: date, until: datetime | None
    ) -> Iterable[tuple[str | None, str, Decimal]]:
        rows = self._openai.rows(day, until)
        models = {row.line_item: row.model for row in rows}
        sums = _rounded(((row.project_id, row.line_item), row.amount) for row in rows)
        return [(project, models[item], amount) for (project, item), amount in sums.items()]

    def _key_rows(self, provider: ProviderName, day: date) -> Iterable[tuple[str | None, Decimal]]:
        if provider == "openai":
            return ((row.api_key_id, row.amount) for row in self._openai.rows(day))
        if provider == "anthropic":
            return ((row.api_key_id, row.amount) for row in self._anthropic.rows(day))
        name = self._openrouter.key_name
        return ((name(row.key_hash), row.usage) for row in self._openrouter.rows(day))


def _summed(pairs: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    sums: dict[K, list[Decimal]] = defaultdict(list)
    for key, amount in pairs:
        sums[key].append(amount)
    return {key: total(amounts) for key, amounts in sums.items()}


def _rounded(pairs: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    return {key: from_nano(to_nano(amount)) for key, amount in _summed(pairs).items()}
