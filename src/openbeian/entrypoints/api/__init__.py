"""The API's door: bearer tokens in, JSON out, the same actions and queries as behind the pages."""

from openbeian.entrypoints.api.door import api

__all__ = ["api"]
