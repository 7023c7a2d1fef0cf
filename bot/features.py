"""Every feature of the running bot: what it consists of, its commands and its listeners.

A feature is one block here, and its folder.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.access import middleware
from bot.access.models import Policy
from bot.access.people import People
from bot.access.repository import Audit
from bot.access.service import VisibilityService
from bot.anomalies import listeners as anomaly_listeners
from bot.anomalies.service import AnomalyChannels
from bot.app import Services
from bot.budgets import commands as budget_commands
from bot.budgets import listeners as budget_listeners
from bot.budgets.alert_actions import AlertActions
from bot.budgets.alert_details import AlertDetailsReader
from bot.budgets.delivery_handlers import alert_delivery_handlers
from bot.budgets.messages.budgets import budget_line
from bot.budgets.service import Budgets, preview
from bot.db.cache import DatabaseCache
from bot.db.models import DeliveryKind
from bot.digests import commands as digest_commands
from bot.digests import listeners as digest_listeners
from bot.digests.delivery_handler import DigestDeliveryHandler
from bot.digests.service import Digests
from bot.digests.slots import DigestSlots
from bot.home.direct_messages import DirectDeliveryHandler
from bot.home.listeners import home as home_listeners
from bot.home.listeners import visibility as visibility_modal
from bot.home.listeners import workspace_events as workspace_listeners
from bot.home.service import Home
from bot.home.workspace_events import WorkspaceEvents
from bot.notifications.ports import DeliveryHandler
from bot.process_health import ProcessHealth
from bot.reports import commands as report_commands
from bot.reports.answers import Answers
from bot.reports.choices import OptionLoader
from bot.reports.declared_balance import DeclaredBalances
from bot.reports.exports import Exports
from bot.reports.listeners import answers as answer_listeners
from bot.reports.listeners import declared_balance as balance_listeners
from bot.reports.listeners import mentions as mention_listeners
from bot.reports.listeners import sharing as sharing_listeners
from bot.reports.listeners.answers import SlackCommands
from bot.reports.listeners.sharing import Sharing
from bot.reports.router import CommandRouter, CommandSpec
from bot.slack.app import SlackBot
from bot.slack.bolt_app import register_fallbacks
from bot.slack.channels import SlackChannels
from bot.statements import commands as statement_commands
from bot.statements import listeners as statement_listeners
from bot.statements.service import Statements
from providers.catalog import ALL


@dataclass(frozen=True, slots=True)
class Features:
    """What the jobs of the running bot need of its features."""

    answers: Answers
    slots: DigestSlots
    workspace_events: WorkspaceEvents
    users: People
    handlers: Mapping[DeliveryKind, DeliveryHandler]
    """By kind of delivery."""


def register_features(
    services: Services,
    for_users: Services,
    slack: SlackBot,
    channels: SlackChannels,
    policy: Policy,
    health: Callable[[], ProcessHealth],
) -> Features:
    """Make each feature, and register its commands and its listeners.

    `for_users`: services for requests of users, apart from those of the jobs.
    """
    app = slack.app
    # What features share
    cache = DatabaseCache(for_users.database.state)
    visibility = VisibilityService(for_users.database, policy, cache)
    users = People(app.client, slack.workspace, visibility.groups)
    audit, options = Audit(for_users.database), OptionLoader(for_users.database)
    middleware.register(app, users, policy, visibility.requester, services.clock)
    commands: dict[type, CommandSpec] = {}
    router = CommandRouter(
        for_users.vocabulary,
        commands,
        policy,
        for_users.database,
        cache,
        has_users=services.settings.process.breakdown_by_user,
    )

    # Reports
    answers = for_users.answers(health)
    balances = DeclaredBalances(for_users.database, for_users.alerts.after_sync)
    exports = Exports(for_users.database, {each.name: each.title for each in ALL}, audit)
    sharing = Sharing(channels, policy, audit, for_users.once)
    commands |= report_commands.questions(answers, budget_line)
    commands |= report_commands.others(exports, balances)
    slack_commands = SlackCommands(router, app.session, visibility.requester)
    answer_listeners.register(app, slack_commands)
    sharing_listeners.register(app, slack_commands, sharing)
    mention_listeners.register(app, slack_commands, sharing)
    balance_listeners.register(app, balances)

    # Statements
    statements = Statements(for_users.database, services.rates)
    commands |= statement_commands.questions(statements)
    commands |= statement_commands.changes(statements)
    statement_listeners.register(app, statements)

    # Budgets and their alerts
    budgets = Budgets(for_users.database, for_users.alerts, channels)
    actions = AlertActions(for_users.database)
    commands |= budget_commands.lists(budgets, actions, policy)
    commands |= budget_commands.changes(budgets, actions)
    details = AlertDetailsReader(for_users.database, visibility)
    previews = partial(preview, for_users.database, visibility)
    budget_listeners.register(app, actions, budgets, details, previews, options)
    handlers = dict(alert_delivery_handlers(services.database, policy.named_managers))

    # Anomaly alerts
    anomaly_channels = AnomalyChannels(for_users.database, visibility, channels)
    commands |= anomaly_listeners.commands(anomaly_channels)
    anomaly_listeners.register(app, anomaly_channels)

    # Digests
    digests = Digests(for_users.database, visibility, channels, policy, services.rates)
    slots = DigestSlots(services.database, services.metrics)
    commands |= digest_commands.commands(digests)
    digest_listeners.register(app, digests, options)
    handlers["digest"] = DigestDeliveryHandler(
        services.database,
        VisibilityService(services.database, policy),
        channels,
        policy.named_managers,
        services.rates,
    )

    # Home, and what happens in the workspace
    home = Home(for_users.database, answers, visibility, policy)
    events = WorkspaceEvents(services.database, policy)
    home_listeners.register(app, home, audit, users, policy, services.clock)
    visibility_modal.register(app, visibility, options, router)
    workspace_listeners.register(app, events, channels, users)
    handlers["direct"] = DirectDeliveryHandler(policy.named_managers)

    register_fallbacks(app)
    return Features(answers, slots, events, users, handlers)
