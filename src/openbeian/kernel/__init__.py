"""Vocabulary without framework: clock, legal day, working-day calendar, identifiers, error root."""
