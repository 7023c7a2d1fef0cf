"""Messages of answers: from values to blocks, without I/O."""
