"""What a site shows from outside: names, addresses, answers, certificates; one probe gives one record."""
