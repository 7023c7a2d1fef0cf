"""The server of the simulated xAI: the endpoints of its management API that read billing."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from aiohttp import web

from providers.period import Period
from simulators.provider_server import ProviderServer, Refusal, bearer, exact_json
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.xai import TEAM, XAIAccount


@dataclass(frozen=True, slots=True)
class XAIKeys:
    """A key of each kind. None is real."""

    management: str = "xai-token-simulated-management-0000000000"
    organization: str = "xai-token-simulated-organization-00000000"
    inference: str = "xai-simulated-inference-00000000000000000"
    unknown: str = "xai-token-simulated-unknown-0000000000000"


class XAIServer(ProviderServer):
    """The management API of one team, by its protocol files and published answers."""

    prefix = ""

    def __init__(self, world: World, quirks: Quirks) -> None:
        super().__init__(world, quirks)
        self.keys = XAIKeys()
        self.account = XAIAccount("fernhill", world.clock)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that connect aicost to it."""
        return {"XAI_MANAGEMENT_KEY": self.keys.management, "XAI_BASE_URL": self.base_url}

    def routes(self) -> list[web.RouteDef]:
        team = f"/v1/billing/teams/{TEAM}"
        return [
            web.get("/auth/management-keys/validation", self._key),
            web.post(f"{team}/usage", self._usage),
            web.get(f"{team}/postpaid/invoice/preview", self._preview),
            web.get(f"{team}/prepaid/balance", self._ledger),
            web.get(f"{team}/postpaid/spending-limits", self._limits),
        ]

    def _require(self, request: web.Request) -> str:
        key = bearer(request)
        if key == self.keys.inference:
            raise Refusal(403, {"code": 7, "message": "permission denied"})
        if key not in (self.keys.management, self.keys.organization):
            raise Refusal(401, {"code": 16, "message": "unauthenticated"})
        return key

    async def _key(self, request: web.Request) -> web.Response:
        is_team = self._require(request) == self.keys.management
        scope = {"scope": "SCOPE_TEAM", "teamId": TEAM} if is_team else {"scope": "SCOPE_ORG"}
        return exact_json({"apiKeyId": "key-1", "name": "aicost", "acls": [], **scope})

    async def _usage(self, request: web.Request) -> web.Response:
        self._require(request)
        asked = json.loads(await request.text())["analyticsRequest"]
        days = Period(*(date.fromisoformat(asked["timeRange"][k][:10]) for k in _RANGE))
        rows = {day: self.account.day(day) for day in days}
        is_grouped = bool(asked["groupBy"])
        names = sorted({name for row in rows.values() for name in row})
        is_part = is_grouped and Quirk.LIMIT_REACHED in self.quirks
        names = names[:1] if is_part else names
        groups = [[name] for name in names] if is_grouped else [names]
        series = [
            {
                "group": group if is_grouped else [],
                "groupLabels": [],
                "dataPoints": [
                    {
                        "timestamp": f"{day}T00:00:00Z",
                        "values": [sum((row.get(name, Decimal(0)) for name in group), Decimal(0))],
                    }
                    for day, row in rows.items()
                    if Quirk.POINT_MISSING not in self.quirks or day.day != 15
                ],
            }
            for group in groups
        ]
        return exact_json({"timeSeries": series, "limitReached": is_part})

    async def _preview(self, request: web.Request) -> web.Response:
        self._require(request)
        account = self.account
        spent = account.used_cents(account.month)
        invoice: dict[str, object] = {
            "lines": [],
            "totalWithCorr": _cents(spent),
            "prepaidCredits": _cents(-account.before),
            "prepaidCreditsUsed": _cents(-min(account.before, spent)),
        }
        if Quirk.ZERO_LEFT_OUT in self.quirks:
            invoice["prepaidCreditsUsed"] = {}
        return exact_json({"coreInvoice": invoice, "billingCycle": {"year": 2026, "month": 11}})

    async def _ledger(self, request: web.Request) -> web.Response:
        """Return the ledger: purchases at once, use only at the end of each month."""
        self._require(request)
        account = self.account
        earlier = account.used_cents(Period(account.first, account.month.start))
        rows: list[tuple[str, Decimal, str | None]]
        rows = [("PURCHASE", -amount, "SUCCEEDED") for _, amount in account.purchases]
        rows += [("PURCHASE", -account.pending, "FAILED_TO_CHARGE"), ("SPEND", earlier, None)]
        changes = [
            {"changeOrigin": origin, "amount": _cents(amount)}
            | ({"topupStatus": status} if status else {})
            for origin, amount, status in rows
        ]
        return exact_json({"changes": changes, "total": _cents(earlier - account.bought)})

    async def _limits(self, request: web.Request) -> web.Response:
        self._require(request)
        limits = {"hardSlAuto": _cents(Decimal(500)), "effectiveSl": _cents(self.account.limit)}
        return exact_json({"spendingLimits": limits})


_RANGE = ("startTime", "endTime")


def _cents(amount: Decimal) -> dict[str, str]:
    return {"val": f"{amount * 100:.0f}"}
