"""xAI's endpoints: HTTP in, JSON out.

The same API buys credit and makes keys. Only what is here is ever called: reads, of which
`/usage` is a POST. The bodies of refusals aren't documented, so only their status counts.
"""

from collections.abc import Sequence

from providers.errors import CredentialRejected, WrongKeyKind
from providers.http import Http, Json
from providers.period import Period
from providers.refusal import Meanings

KEY_REMEDY = "Create a management key with Billing Read at console.x.ai and use it here."
MEANINGS: Meanings = {
    401: (CredentialRejected, KEY_REMEDY),
    # An inference key, or a management key that may not read billing.
    403: (WrongKeyKind, KEY_REMEDY),
}


class XAIClient:
    """The management API with one key."""

    def __init__(self, http: Http) -> None:
        self._http = http.with_meanings(MEANINGS)

    async def key(self) -> Json:
        """Return what the key is, and its team."""
        return await self._http.get("/auth/management-keys/validation")

    async def usage(self, team: str, period: Period, group_by: Sequence[str]) -> Json:
        """Return the cost of each UTC day of the period, one series for each group."""
        request = {
            "timeRange": {
                "startTime": f"{period.start} 00:00:00",
                "endTime": f"{period.end} 00:00:00",
                "timezone": "Etc/GMT",
            },
            "timeUnit": "TIME_UNIT_DAY",
            "values": [{"name": "usd", "aggregation": "AGGREGATION_SUM"}],
            "groupBy": list(group_by),
            "filters": [],
        }
        path = f"/v1/billing/teams/{team}/usage"
        return await self._http.post(path, {"analyticsRequest": request})

    async def invoice_preview(self, team: str) -> Json:
        """Return the running month's invoice so far, with prepaid credit and its use."""
        return await self._http.get(f"/v1/billing/teams/{team}/postpaid/invoice/preview")

    async def balance_changes(self, team: str) -> Json:
        """Return what changed the prepaid balance: purchases at once, use after each month."""
        return await self._http.get(f"/v1/billing/teams/{team}/prepaid/balance")

    async def spending_limits(self, team: str) -> Json:
        """Return the limit of a month's use beyond prepaid credit."""
        return await self._http.get(f"/v1/billing/teams/{team}/postpaid/spending-limits")
