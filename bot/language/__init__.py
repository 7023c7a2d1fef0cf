"""The grammar of /aicost: from text to commands, and back."""
