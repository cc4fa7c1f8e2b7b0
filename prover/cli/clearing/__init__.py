"""Verbs of the clearing house."""
