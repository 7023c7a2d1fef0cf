"""Slack and the providers simulated over real HTTP. The demo runs OpenAI, OpenRouter and Anthropic;
the tests run DeepSeek and xAI too.

========================  ==========================================================================
``world/``                a made-up team: what it uses, what that costs, and the true figures
``openai*``               OpenAI's administration API for that world
``openrouter*``           OpenRouter's management API for that world
``anthropic*``            Anthropic's Admin API for that world
``deepseek``              DeepSeek's balance, of an account of its own
``xai``                   xAI's management API, of a team of its own
``vendors``               the demo's providers; ``faults``, ``quirks``: how they fail and differ
``slack/``                a workspace: people who act in it, the Web API, Socket Mode, Slack's rules
``clock``                 the clock of all of them, which can be moved
``demo/``                 an app on all of that: steps, events, scenarios, and the page
========================  ==========================================================================

Each keeps the rules, limits and quirks of the real one; what is relied on says where it is known
from. Only ``bot.cli.demo`` and the tests import this package. It imports nothing of the bot, and of
``providers`` only money and periods: an app to run is passed in (``demo.app``).
"""
