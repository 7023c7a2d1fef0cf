"""What `aicost.toml` names has to be there: connections, providers, and balances to watch."""

from collections.abc import Collection, Mapping

from bot.config.config_file import ConfigFile
from bot.config.environment import Problem, SettingsError
from bot.config.team_tables import team_problems
from bot.scope import Scope
from providers.models import Billing


def check_names(
    file: ConfigFile,
    name: str,
    connections: Mapping[str, tuple[str, Billing]],
    *,
    has_users: bool = True,
) -> None:
    """Raise `SettingsError` for entries about a connection or provider that isn't configured, and
    for teams that take the same charges.

    `name`: the file's; `connections`: the provider and billing mode of each, by its name;
    `has_users`: costs by user are read.
    """
    problems: list[Problem] = []
    for table in ("budget", "low_balance", "digest"):
        for number, entry in enumerate(getattr(file, table), start=1):
            place = f"{name}: {table} {number}"
            billings = _billings(entry.scope, connections)
            if billings is not None and not billings:
                problems.append(_unknown(place, entry.scope, connections))
            elif table == "low_balance" and billings and "prepaid" not in billings:
                problems.append(
                    Problem(
                        f"{place}: {entry.scope.name} is postpaid, so it has no balance to watch.",
                        "Use a [[budget]] instead.",
                    )
                )
    for number, budget in enumerate(file.budget, start=1):
        if budget.team is not None and file.teams.called(budget.team) is None:
            place = f"{name}: budget {number}"
            problems.append(
                Problem(f"{place} names an unknown team.", "Use the name of a [[team]].")
            )
    for number, limit in enumerate(file.visibility, start=1):
        if unknown := sorted(set(limit.connections or ()) - connections.keys()):
            problems.append(
                Problem(
                    f"{name}: visibility {number} names an unknown connection: "
                    f"{', '.join(unknown)}.",
                    _one_of(connections),
                )
            )
    providers = {each: provider for each, (provider, _) in connections.items()}
    problems += dict.fromkeys(
        team_problems(file.teams, file.people, name, providers, has_users=has_users)
    )
    if problems:
        raise SettingsError(*problems)


def _billings(
    scope: Scope, connections: Mapping[str, tuple[str, Billing]]
) -> Collection[Billing] | None:
    """Return how the scope's connections are billed; None for a scope that isn't one of those."""
    if scope.kind not in ("connection", "provider"):
        return None
    return {
        billing
        for name, (provider, billing) in connections.items()
        if scope.name == (name if scope.kind == "connection" else provider)
    }


def _unknown(place: str, scope: Scope, connections: Mapping[str, tuple[str, Billing]]) -> Problem:
    if scope.kind == "connection":
        return Problem(f"{place} names an unknown connection: {scope.name}.", _one_of(connections))
    providers = {provider for provider, _ in connections.values()}
    return Problem(
        f"{place} names a provider without a connection: {scope.name}.", _one_of(providers)
    )


def _one_of(names: Collection[str]) -> str:
    return f"Use one of: {', '.join(sorted(names))}."
