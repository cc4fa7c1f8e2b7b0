"""Proofs of many accounts under one program: which ones, what is done already, in process or on a Ray cluster."""
