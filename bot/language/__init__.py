"""The /aicost grammar: from text to commands, and back."""
