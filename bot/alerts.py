"""Alerts: what a sync's figures mean for every rule, kept in the transaction that kept the figures.

Nothing is posted here: alerts and their outbox rows are written together, and delivered from there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from pydantic import TypeAdapter

from bot.alert_facts import Evidence, facts_of
from bot.books import look
from bot.metrics import Metrics
from bot.outbox import NewDelivery
from bot.rulebook import NewAlert, RuleBook, RulesWriting
from bot.spend.books import Books
from bot.spend.judge import Crossing, Verdict, judge_budget, judge_floor
from bot.spend.notice import EpisodeEnd
from bot.spend.rules import Budget, Ended, Episode, Rule
from bot.spend.standing import budget_figures, figure_now, floor_figures
from providers.period import DAY, utc_day

log = structlog.get_logger(__name__)

LONGEST_PERIOD = DAY * 31
END_WORDS: TypeAdapter[EpisodeEnd] = TypeAdapter(EpisodeEnd)


@dataclass(slots=True)
class Changes:
    """What one look at the rules led to: which messages to edit."""

    edits: set[int] = field(default_factory=set)
    """Alerts whose messages no longer show their state."""
    judged: list[int] = field(default_factory=list)


class Alerts:
    """Judges every rule and keeps what follows."""

    def __init__(self, book: RuleBook, metrics: Metrics) -> None:
        self._book = book
        self._metrics = metrics

    async def after_sync(self, tx: RulesWriting, now: datetime) -> int:
        """Judge every rule against the figures that `tx` holds; how many lines were crossed."""
        rules = await tx.rules()
        if not rules:
            return 0
        return await self.judge(tx, rules, await look(tx, rules, now), now)

    async def turn_calendar(self, now: datetime) -> None:
        """End what a period's end ended, and wake what was snoozed until now. Needs no vendor."""
        async with self._book.reading() as reading:
            rules = await reading.rules()
            episodes = _by_rule(await reading.episodes(utc_day(now) - LONGEST_PERIOD))
        if not any(_has_news(rule, episodes.get(rule.id, ()), now) for rule in rules):
            return
        async with self._book.writing() as tx:
            await self.judge(tx, await tx.rules(), None, now)

    async def judge(
        self, tx: RulesWriting, rules: Sequence[Rule], books: Books | None, now: datetime
    ) -> int:
        """Hold these rules against the books (None: the calendar alone), and keep what follows."""
        episodes = _by_rule(await tx.episodes(utc_day(now) - LONGEST_PERIOD))
        changes = Changes()
        crossed: dict[str, list[tuple[Rule, Crossing]]] = defaultdict(list)
        for rule in rules:
            verdict = verdict_of(rule, episodes.get(rule.id, ()), books, now)
            for crossing in verdict.crossings:
                crossed[rule.channel].append((rule, crossing))
            await self._follow(tx, rule, verdict, books, changes, now)
        for channel, found in crossed.items():
            await self._open(tx, channel, found, books, now)
        await edit_messages(tx, changes.edits, now)
        await tx.mark_judged(changes.judged, now)
        return sum(len(found) for found in crossed.values())

    async def _follow(
        self,
        tx: RulesWriting,
        rule: Rule,
        verdict: Verdict,
        books: Books | None,
        changes: Changes,
        now: datetime,
    ) -> None:
        """Keep what a verdict says of episodes that exist."""
        for episode, ended in verdict.endings:
            await end_episode(tx, rule, episode, ended, books, now)
            changes.edits.add(episode.id)
        for episode in verdict.reopened:
            await tx.reopen_alert(episode.id)
            changes.edits.add(episode.id)
        for episode in verdict.rearmed:
            await tx.rearm_alert(episode.id)
        for episode in verdict.carried:
            await tx.carry_alert(episode.id, rule.version)
            changes.edits.add(episode.id)
        for episode in verdict.unsnoozed:
            await tx.set_alert_state(episode.id, "open", now)
            changes.edits.add(episode.id)
        if rule.judged_at is None and books is not None and _has_figures(rule, books):
            changes.judged.append(rule.id)

    async def _open(
        self,
        tx: RulesWriting,
        channel: str,
        found: Sequence[tuple[Rule, Crossing]],
        books: Books | None,
        now: datetime,
    ) -> None:
        """One message for all that this channel's rules saw crossed, and an episode for each."""
        if books is None:
            return
        delivery = await tx.enqueue(NewDelivery("alert", channel, "{}", now))
        if delivery is None:
            return
        evidence = Evidence(tx, books)
        for rule, crossing in found:
            facts = await facts_of(rule, evidence)
            await tx.open_alert(
                NewAlert(
                    key=episode_key(rule, crossing),
                    rule_id=rule.id,
                    version=rule.version,
                    level=crossing.level,
                    period_start=crossing.period_start,
                    arming=crossing.arming,
                    channel=channel,
                    delivery_id=delivery,
                    facts=facts,
                    is_standing=rule.judged_at is None,
                    crossed_at=now,
                    credits_at_crossing=evidence.credits(rule),
                )
            )
            self._metrics.alerts.labels(crossing.level.basis).inc()
            log.info(
                "alert.crossed",
                rule=rule.id,
                basis=crossing.level.basis,
                threshold=crossing.level.threshold,
                channel=channel,
            )


def verdict_of(
    rule: Rule, episodes: Sequence[Episode], books: Books | None, now: datetime
) -> Verdict:
    """What the books, or the calendar alone, mean for one rule."""
    target = rule.target
    if isinstance(target, Budget):
        known = None if books is None else budget_figures(rule, target, books)
        return judge_budget(rule, target, known, episodes, now)
    left = None if books is None else floor_figures(rule, target, books)
    return judge_floor(rule, target, left, episodes, now)


def episode_key(rule: Rule, crossing: Crossing) -> str:
    """What no two episodes share: one crossing is one alert, whoever else looks."""
    return (
        f"rule:{rule.id}:v{rule.version}:{crossing.period_start or 'balance'}"
        f":{crossing.level.basis}:{crossing.level.threshold}:{crossing.arming}"
    )


async def end_episode(
    tx: RulesWriting,
    rule: Rule,
    episode: Episode,
    ended: Ended,
    books: Books | None,
    now: datetime,
) -> None:
    """Keep its end, and say so in its thread unless the rule asks for quiet."""
    await tx.end_alert(episode.id, ended, now)
    row = await tx.alert(episode.id)
    if row is None or rule.is_end_quiet:
        return
    figure, bought = (None, None) if books is None else figure_now(rule, episode, books)
    words = EpisodeEnd(
        ended=ended,
        facts=row.line.facts,
        level=episode.level,
        figure=figure,
        amount=rule.target.amount if isinstance(rule.target, Budget) else rule.target.dollars,
        bought=bought,
    )
    await tx.enqueue(
        NewDelivery(
            "note",
            row.channel,
            END_WORDS.dump_json(words).decode(),
            now,
            key=f"end:{row.key}:{now.isoformat()}",
            thread_of=row.delivery_id,
        )
    )


async def edit_messages(tx: RulesWriting, alerts: Iterable[int], now: datetime) -> None:
    """Bring the messages of these alerts up to date, each once."""
    messages: dict[int, str] = {}
    for alert in alerts:
        row = await tx.alert(alert)
        if row is not None:
            messages[row.delivery_id] = row.channel
    for delivery, channel in sorted(messages.items()):
        await tx.enqueue(NewDelivery("alert_edit", channel, "{}", now, thread_of=delivery))


def _by_rule(episodes: Sequence[Episode]) -> Mapping[int, Sequence[Episode]]:
    found: dict[int, list[Episode]] = defaultdict(list)
    for episode in episodes:
        found[episode.rule_id].append(episode)
    return found


def _has_news(rule: Rule, episodes: Sequence[Episode], now: datetime) -> bool:
    verdict = verdict_of(rule, episodes, None, now)
    return bool(verdict.endings or verdict.unsnoozed)


def _has_figures(rule: Rule, books: Books) -> bool:
    if isinstance(rule.target, Budget):
        return budget_figures(rule, rule.target, books) is not None
    return floor_figures(rule, rule.target, books) is not None
