"""All readers by slot.

See `bot.language.question_slots` for how they work.
"""

from collections.abc import Mapping

from bot.language.alert_slots import (
    read_channel,
    read_later,
    read_number,
    read_page,
    read_quiet,
    read_state,
    read_until,
)
from bot.language.amounts import read_amount, read_declared, read_limit
from bot.language.balance_slots import read_expiry, read_month
from bot.language.breakdown_slots import read_by, read_rank
from bot.language.budget_slots import (
    read_budget_period,
    read_difference,
    read_forecast_thresholds,
    read_former,
    read_mention,
    read_reference,
    read_thresholds,
)
from bot.language.digest_slots import (
    read_another,
    read_at_once,
    read_days,
    read_depth,
    read_everywhere,
    read_rhythm,
    read_settled,
    read_time,
    read_zone,
)
from bot.language.question_slots import (
    Reader,
    read_about,
    read_day,
    read_each,
    read_earlier,
    read_one_period,
    read_own_place,
    read_period,
    read_place,
    read_scope,
    read_topic,
)

READERS: Mapping[str, Reader] = {
    "scope": read_scope,
    "about": read_about,
    "place": read_place,
    "own place": read_own_place,
    "each": read_each,
    "period": read_period,
    "sides": read_one_period,
    "scopes": read_scope,
    "items": read_about,
    "places": read_place,
    "by": read_by,
    "rank": read_rank,
    "amount": read_amount,
    "declared": read_declared,
    "difference": read_difference,
    "limit": read_limit,
    "budget period": read_budget_period,
    "thresholds": read_thresholds,
    "forecast thresholds": read_forecast_thresholds,
    "mentions": read_mention,
    "channel": read_channel,
    "number": read_number,
    "page": read_page,
    "state": read_state,
    "quiet": read_quiet,
    "until": read_until,
    "later": read_later,
    "time": read_time,
    "settled": read_settled,
    "rhythm": read_rhythm,
    "days": read_days,
    "zone": read_zone,
    "depth": read_depth,
    "former": read_former,
    "earlier": read_earlier,
    "another": read_another,
    "everywhere": read_everywhere,
    "at once": read_at_once,
    "day": read_day,
    "month": read_month,
    "expiry": read_expiry,
    "reference": read_reference,
    "topic": read_topic,
}
GATHERED = frozenset(("mentions", "days", "sides", "scopes", "items", "places", "topic"))
"""Slots that may be read more than once: all values are kept, in order."""
