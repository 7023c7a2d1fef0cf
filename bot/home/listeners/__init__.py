"""The Home tab and workspace events, as Slack sends them."""
