"""Pure thinking about money: no I/O, no clock; `now` is an argument."""
