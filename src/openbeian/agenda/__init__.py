"""The dates of an organisation from every source, and the private feeds that carry them into other calendars."""
