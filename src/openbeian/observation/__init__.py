"""What live sites really do: in their words (`content/`), in their access logs (`traffic/`), probed from outside."""
