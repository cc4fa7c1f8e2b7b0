"""The main job, end to end, on real data and a real local chain: what `scripts/demo` runs."""
