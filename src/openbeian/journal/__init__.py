"""What happened: append-only, hash-chained, who and when; what must still be told is read off it by a cursor."""
