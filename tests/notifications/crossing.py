"""An alert that waits in the outbox, and what becomes of it."""

from datetime import timedelta

from bot.db.models import Delivery
from simulators.slack.office import COSTS
from tests.budgets.harness import AlertHarness
from tests.harness.deliveries import from_outbox


async def crossed(alerting: AlertHarness) -> Delivery:
    """Half of the budget is used, and the alert waits in the outbox."""
    alerting.team.spend("260")
    assert await alerting.team.sync() == 1
    (row,) = await alerting.team.said()
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(row.id or 0))
    assert found is not None
    return found


async def later(alerting: AlertHarness, **time: float) -> None:
    """Some time passes, and what is due then is delivered."""
    alerting.team.now += timedelta(**time)
    await alerting.deliveries.deliver_due()


async def stands(alerting: AlertHarness, delivery: Delivery) -> Delivery:
    """The delivery as it stands now."""
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(delivery.id))
    assert found is not None
    return found


async def crossed_in_two(alerting: AlertHarness) -> Delivery:
    """Two channels' budgets are crossed; the alert of the first."""
    alerting.team.spend("260")
    await alerting.team.sync()
    rows = await alerting.team.said()
    alert = next(row for row in rows if row.channel == COSTS)
    found = await from_outbox(alerting.team.database, lambda outbox: outbox.delivery(alert.id or 0))
    assert found is not None
    return found
