"""The product's settings with the look-up's rate limit out of the way: one address asks everything here."""

from openbeian.settings import *  # noqa: F403

PUBLIC_LOOKUPS_PER_MINUTE = 10**9
