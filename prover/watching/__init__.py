"""Recomputing a book's margin on each new snapshot of the market."""
