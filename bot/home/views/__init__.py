"""The Home tab: from values to a view, without I/O."""
