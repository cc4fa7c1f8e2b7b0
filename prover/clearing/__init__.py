"""The trader's side of the clearing house: books in a store, and what each act proves (docs/clearing.md)."""
