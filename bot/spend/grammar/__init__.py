"""The words of `/aicost`: from text to what was meant, and back."""
