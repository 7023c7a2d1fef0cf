"""Quirks: what the real providers have been seen to do. Each can be switched on.

Without any quirk, a simulated provider does what the real one usually does: amounts as
numbers, same-date windows refused, a year's lookback, a first day for costs by key, pages of 31
buckets, tokens bound to their query, activity dates with ``00:00:00``, counts as strings, ``null``
for money that does not apply, an inference key refused by ``/credits``.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from providers.period import DAY, midnight


class Quirk(StrEnum):
    """One quirk. Its value begins with the provider's name."""

    STRING_AMOUNTS = "openai amounts as strings of 34 digits, zero as 0E-6176"
    NOISY_AMOUNTS = "openai amounts with the noise of binary floats"
    BOGUS_TAIL_TOKEN = "openai offers a page after the last, and refuses its token"
    EMPTY_TAIL_PAGES = "openai offers pages without a bucket after the last, for ever"
    TAIL_WITHOUT_TOKEN = "openai says there is more after the last page, and gives no token"
    SHORT_PAGES = "openai pages always hold 7 buckets"
    SPLIT_ROWS = "openai gives one line item in several rows of a bucket"
    SHUFFLED = "openai gives buckets and rows in no order"
    PERSONAL_DATA = "openai rows carry user_id and user_email"
    BARE_ROWS = "openai rows carry no more than the specification names"
    MISSING_DAY = "openai leaves out the bucket of every 15th"
    MORE_WITHOUT_TOKEN = "openai says there is more before the last page, and gives no token"
    NON_USD_ROW = "openai gives a row in euros"
    ABSENT_AMOUNT = "openai gives a row without an amount"
    SCOPE_AS_401 = "openai answers 401, not 403, to a missing scope"
    BARE_ERRORS = "openai gives the error as a bare string"
    SHORT_LOOKBACK = "openai serves 90 days, not a year"
    UNDERSCORED_ITEMS = "openai names line items as gpt-5, input_tokens"
    NO_DECISIONS = "openai has no usage of decisions for this organization"
    OLD_CACHE_WRITES = "openai usage rows don't tell kinds of cache writes apart"
    NO_RUNNING_DAY = "openai has published nothing of the running day"

    SPEC_DATES = "openrouter activity dates as specified, without a time"
    NUMBER_COUNTS = "openrouter counts as numbers"
    CREATED_AT_COLUMN = "openrouter names the time column created_at__day"
    TIMED_DAYS = "openrouter analytics days with a time"
    END_INCLUSIVE = "openrouter analytics includes the day at which the range ends"
    TRUNCATED = "openrouter analytics truncates answers at 40 rows and says so"
    CREDITS_ZEROS = "openrouter shows an inference key 0 of 0 credits used"
    CREDITS_OPEN = "openrouter shows an inference key the account's credits"
    NO_USERS = "openrouter analytics refuses to group by user"
    NO_MEMBERS = "openrouter has no members to list: the account is one person's"
    AUGUST_KEY = "openrouter reports no budgets of a key"
    NO_ANALYTICS_TODAY = "openrouter analytics has nothing of the running day yet"

    SMALL_PAGES = "anthropic pages hold 20 groups, whatever was asked for"
    SPLIT_GROUPS = "anthropic gives one group in several rows"
    SHUFFLED_COMPONENTS = "anthropic gives a group's components in no order"
    NEGATIVE_ROWS = "anthropic corrects what it charged in a row below zero"
    ACTORS = "anthropic rows carry names and e-mail addresses"
    CURSOR_EXPIRES = "anthropic refuses the first cursor, as a new export is there (410)"
    REFRESHED_BETWEEN = "anthropic serves a newer export from the second page on, once"
    NO_CURSOR = "anthropic says there is more, and gives no cursor"
    NEVER_REFRESHED = "anthropic has exported nothing of the range yet"
    NO_WORKSPACES = "anthropic rows name no workspace, as in an Enterprise organization"
    NOT_ENROLLED = "anthropic refuses analytics: the beta isn't open to this organization"
    HIPAA = "anthropic refuses analytics to a HIPAA-ready organization"
    NO_DEFAULT_LISTED = "anthropic doesn't list the default workspace"
    LIMITS_REFUSED = "anthropic refuses to list spend limits (early access)"
    NO_CHANNELS = "anthropic names no channel of Slack"
    OTHER_CHANNELS = "anthropic names channels of another Slack workspace"
    DIRECT_MESSAGES = "anthropic names direct messages with Claude as channels"
    CHANNELS_REFUSED = "anthropic refuses to group by channel of Slack"
    EUROS = "anthropic gives rows of the bad days in euros"
    NO_AMOUNT = "anthropic gives rows of the bad days without an amount"
    SPEND_CAP_REACHED = "anthropic answers 429 without retry-after: a spend cap is reached"

    CURRENCIES_TURN = "deepseek lists currencies in another order each time"
    ONE_CURRENCY = "deepseek lists only the currency that is funded"
    TWO_FUNDED = "deepseek lists two currencies with money"
    UNAVAILABLE = "deepseek says that requests can't be paid, though there is money"
    NO_CURRENCY = "deepseek lists no currency"
    PAYMENT_REQUIRED = "deepseek answers 402"

    LIMIT_REACHED = "xai gives a part of the groups, and says so"
    POINT_MISSING = "xai leaves out the figures of every 15th"
    ZERO_LEFT_OUT = "xai leaves out an amount of zero"


STILL_EXACT = frozenset(
    {
        Quirk.STRING_AMOUNTS,
        Quirk.NOISY_AMOUNTS,
        Quirk.BOGUS_TAIL_TOKEN,
        Quirk.EMPTY_TAIL_PAGES,
        Quirk.TAIL_WITHOUT_TOKEN,
        Quirk.SHORT_PAGES,
        Quirk.SPLIT_ROWS,
        Quirk.SHUFFLED,
        Quirk.PERSONAL_DATA,
        Quirk.BARE_ROWS,
        Quirk.UNDERSCORED_ITEMS,
        Quirk.NO_DECISIONS,
        Quirk.OLD_CACHE_WRITES,
        Quirk.SPEC_DATES,
        Quirk.NUMBER_COUNTS,
        Quirk.CREATED_AT_COLUMN,
        Quirk.TIMED_DAYS,
        Quirk.END_INCLUSIVE,
        Quirk.TRUNCATED,
        Quirk.AUGUST_KEY,
    }
)
"""With each of these, OpenAI's and OpenRouter's figures are still complete and exact."""
ANTHROPIC_STILL_EXACT = frozenset(
    {
        Quirk.SMALL_PAGES,
        Quirk.SPLIT_GROUPS,
        Quirk.SHUFFLED_COMPONENTS,
        Quirk.NEGATIVE_ROWS,
        Quirk.ACTORS,
        Quirk.NO_DEFAULT_LISTED,
        Quirk.LIMITS_REFUSED,
    }
)
"""The same of Anthropic's."""
DEEPSEEK_STILL_EXACT = frozenset(
    {Quirk.CURRENCIES_TURN, Quirk.ONE_CURRENCY, Quirk.TWO_FUNDED, Quirk.UNAVAILABLE}
)
"""The same of DeepSeek's."""


class Quirks:
    """The quirks that are on now. The servers check them at every request."""

    def __init__(
        self, on: Iterable[Quirk] = (), *, lookback: timedelta = timedelta(days=365)
    ) -> None:
        self._on = set(on)
        self.bad_days: Collection[date] | None = None
        """The days of which rows are in euros or without an amount; None: each day."""
        self.lookback = lookback
        """How far back there are costs: OpenAI refuses to serve older ones, OpenRouter has none."""
        self.publishing_lag = timedelta()
        """How far OpenAI's costs and OpenRouter's analytics are behind the present."""
        self.publishes_after: dict[str, timedelta] = {}
        """By provider: its costs of a day are published as a whole, so long after the day has
        ended; before that the day is empty. Absent: they grow while the day runs."""

    def has_published(self, provider: str, day: date, now: datetime) -> bool:
        """Return whether the provider publishes anything of that day's costs by now."""
        after = self.publishes_after.get(provider)
        return after is None or now >= midnight(day + DAY) + after

    def __contains__(self, quirk: Quirk) -> bool:
        return quirk in self._on

    def on(self, *quirks: Quirk) -> None:
        """Switch these on."""
        self._on.update(quirks)

    def off(self, *quirks: Quirk) -> None:
        """Switch these off."""
        self._on.difference_update(quirks)
