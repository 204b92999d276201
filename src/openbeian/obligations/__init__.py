"""What is owed, by whom, by when and on what ground: computed from the record and the rulebook, never typed in."""
