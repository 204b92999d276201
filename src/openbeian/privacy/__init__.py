"""Personal data at rest: sealed with a key that never enters the database, found by a keyed hash, shown masked."""
