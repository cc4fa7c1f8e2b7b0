"""What holds for all tests."""

import gc

# Constraint systems are millions of small objects that stay: the collector need not look through them at each turn.
gc.set_threshold(100_000, 50, 50)
