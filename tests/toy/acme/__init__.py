"""Acme: a made-up provider, as small as one can be. The tests add its folder to the others."""

from datetime import timedelta

from providers.base import ProviderKind
from providers.models import LimitKind

from .provider import Acme, connect

__all__ = ["KIND", "Acme"]

KIND = ProviderKind(
    name="acme",
    title="Acme AI",
    billing="prepaid",
    base_url="https://api.acme.example",
    key_variable="ACME_TOKEN",
    base_url_variable="ACME_URL",
    key_words="a billing token, made at acme.example/tokens",
    history_days=60,
    settling_days=1,
    publication_delay=timedelta(hours=6),
    window_days=60,
    connect=connect,
    breakdowns=frozenset({"user"}),
    without_credit="sends every answer by mail until you add credit",
    credit_url="https://acme.example/credit",
    limits={"fleet_cap": LimitKind("fleet cap", "account")},
)
