"""The server of the simulated DeepSeek: the one endpoint that reports money, the balance."""

from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from simulators.provider_server import ProviderServer, Refusal, bearer, exact_json
from simulators.quirks import Quirk, Quirks
from simulators.world import World
from simulators.world.deepseek import CURRENCY, DeepSeekAccount

OTHER_LEFT = Decimal("7.25")
"""The balance in US dollars with `Quirk.TWO_FUNDED`."""


@dataclass(frozen=True, slots=True)
class DeepSeekKeys:
    """A key of each kind. None is real."""

    ordinary: str = "sk-simulated0deepseek0000000000000"
    unknown: str = "sk-simulated0deepseek0unknown00000"


class DeepSeekServer(ProviderServer):
    """The API of one account, as documented."""

    prefix = ""

    def __init__(self, world: World, quirks: Quirks) -> None:
        super().__init__(world, quirks)
        self.keys = DeepSeekKeys()
        self.account = DeepSeekAccount("fernhill", world.clock)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that connect aicost to it."""
        return {"DEEPSEEK_API_KEY": self.keys.ordinary, "DEEPSEEK_BASE_URL": self.base_url}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/user/balance", self._balance)]

    async def _balance(self, request: web.Request) -> web.Response:
        if bearer(request) != self.keys.ordinary:
            raise Refusal(401, _error("Authentication Fails (no such user)"))
        if Quirk.PAYMENT_REQUIRED in self.quirks:
            raise Refusal(402, _error("Insufficient Balance"))
        granted, bought = self.account.left()
        infos = [_info(CURRENCY, granted, bought)]
        if Quirk.ONE_CURRENCY not in self.quirks:
            is_funded = Quirk.TWO_FUNDED in self.quirks
            infos.append(_info("USD", Decimal(0), OTHER_LEFT if is_funded else Decimal("0.00")))
        if Quirk.CURRENCIES_TURN in self.quirks and len(self.requests) % 2:
            infos.reverse()
        if Quirk.NO_CURRENCY in self.quirks:
            infos = []
        is_available = granted + bought > 0 and Quirk.UNAVAILABLE not in self.quirks
        return exact_json({"is_available": is_available, "balance_infos": infos})


def _info(currency: str, granted: Decimal, bought: Decimal) -> dict[str, str]:
    amounts = {"total": granted + bought, "granted": granted, "topped_up": bought}
    return {"currency": currency, **{f"{k}_balance": f"{v:.2f}" for k, v in amounts.items()}}


def _error(message: str) -> dict[str, object]:
    return {"error": {"message": message, "type": "authentication_error", "param": None}}
