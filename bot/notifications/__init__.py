"""The outbox: messages for Slack, kept until Slack confirmed them."""
