"""Slack and the providers simulated over real HTTP. The demo runs OpenAI, OpenRouter and Anthropic;
the tests run DeepSeek and xAI too.

========================  ==========================================================================
``world/``                a made-up team: what it uses at each provider, what that costs, and the
                          figures that a correct reader gets (``truth``)
``openai/``               OpenAI's administration API
``openrouter/``           OpenRouter's management API
``anthropic/``            Anthropic's Admin API
``deepseek/``             DeepSeek's balance endpoint
``xai/``                  xAI's management API
``provider_server``       the base of these five: HTTP, the log of requests, exact JSON
``providers``             starts the demo's providers
``quirks``                what real providers do differently; each can be switched on
``faults``                failures: an outage, a rate limit, a broken answer
``slack/``                a workspace: people who act in it, the Web API, Socket Mode, Slack's rules
``clock``                 the clock of all of them, which can be moved
``demo/``                 runs an app on them: steps, events, scenarios, and the page
========================  ==========================================================================

In a provider's folder, ``server`` has the keys and the routes. Other modules are named after the
endpoint that they answer. Each follows the rules, limits and quirks of the real API. A comment
names the source of a fact that isn't obvious.

Only ``bot.cli.demo`` and the tests import this package. It imports nothing of the bot, and of
``providers`` only money and periods: an app to run is passed in (``demo.app``).
"""
