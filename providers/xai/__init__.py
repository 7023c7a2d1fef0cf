"""xAI: a team's costs and prepaid balance, read with a management key."""

from datetime import timedelta

from providers.base import ProviderKind
from providers.models import LimitKind
from providers.xai.provider import HISTORY_DAYS, WINDOW_DAYS, XAI, connect

__all__ = ["KIND", "XAI"]

KIND = ProviderKind(
    name="xai",
    title="xAI",
    short_names=("grok",),
    billing="prepaid",
    base_url="https://management-api.x.ai",
    key_variable="XAI_MANAGEMENT_KEY",
    base_url_variable="XAI_BASE_URL",
    key_words="a management key with Billing Read alone, made at console.x.ai, Management Keys",
    history_days=HISTORY_DAYS,
    # No delay or correction is documented; a month's figures end with its invoice.
    settling_days=31,
    publication_delay=timedelta(hours=24),
    window_days=WINDOW_DAYS,
    connect=connect,
    breakdowns=frozenset(),
    limits={"postpaid_limit": LimitKind("spending limit after prepaid credit")},
    reports_all_credit=True,
    without_credit="use is billed up to the spending limit, or requests fail",
)
