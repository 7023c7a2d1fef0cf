"""What a digest says, and when it is due."""
