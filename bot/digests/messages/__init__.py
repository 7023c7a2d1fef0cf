"""Messages of digests: from values to blocks, without I/O."""
