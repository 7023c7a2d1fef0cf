"""Reading the money: why, where it ends, what is unusual."""
