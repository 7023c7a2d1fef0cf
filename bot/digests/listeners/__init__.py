"""Commands and modals of digests."""
