"""What stands on record: sponsors, services, domains, accesses, filing numbers."""
