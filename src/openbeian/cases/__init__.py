"""Procedures on their way (办件): draft, check, submit, review, return, forward, decision."""
