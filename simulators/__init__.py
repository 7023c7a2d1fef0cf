"""OpenAI, OpenRouter and Slack simulated over real HTTP, with a clock to move."""
