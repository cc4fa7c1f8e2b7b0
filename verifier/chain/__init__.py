"""The chain client: a local Anvil, deployment for a verifying key, epochs, accounts.

Results are typed; a refusal of a contract is a ChainError with the rule's name. Signing keys are eth_account's
LocalAccount objects that the caller holds: they are used, never stored, logged or written.
"""
