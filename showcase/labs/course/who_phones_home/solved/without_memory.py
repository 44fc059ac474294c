"""A program that phones nobody, because it does nothing any more."""

print("the memory is ready, and this program is done")
