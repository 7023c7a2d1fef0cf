"""Take the pictures of README and docs, and the film, from the demo: `make pictures`."""
