"""Typesetting: the templates of papers this installation issues, and the one place that calls Typst."""
