"""The native engine: the Rust verifier behind the `verifier.groth16.Engine` interface.

`verifier` does not import this; who wants speed hands an instance in. It gives the same verdict as the reference on
every input, and the same kinds of refusal.
"""
