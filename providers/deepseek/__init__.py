"""DeepSeek: an account's prepaid balance, in its own currency. The API has nothing else of it."""

from datetime import timedelta

from providers.base import ProviderKind
from providers.deepseek.provider import DeepSeek, connect

__all__ = ["KIND", "DeepSeek"]

KIND = ProviderKind(
    name="deepseek",
    title="DeepSeek",
    billing="prepaid",
    base_url="https://api.deepseek.com",
    key_variable="DEEPSEEK_API_KEY",
    base_url_variable="DEEPSEEK_BASE_URL",
    key_words="an API key, made at platform.deepseek.com/api_keys",
    history_days=1,
    settling_days=0,
    publication_delay=timedelta(0),
    window_days=31,
    connect=connect,
    breakdowns=frozenset(),
    reports_spend=False,
    reports_all_credit=True,  # granted credit is part of the balance
    credit_url="https://platform.deepseek.com/top_up",
)
