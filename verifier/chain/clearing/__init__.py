"""The clearing house on chain: its contracts, its accounts, and what its proofs are bound to (docs/clearing.md)."""
