"""Adapters of the port `SmsSender`."""
