"""Turns recorded events and due days into messages people get, once, with proof of delivery."""
