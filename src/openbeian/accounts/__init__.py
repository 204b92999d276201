"""Organisations, people, roles, permission checks."""
