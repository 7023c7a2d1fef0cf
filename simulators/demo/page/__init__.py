"""The demo in a browser: a page that looks and works like a small Slack, with a clock to move."""
