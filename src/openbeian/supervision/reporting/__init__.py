"""What licence holders report each year, and the complaints they answer: drafts, figures with origin, checks, states."""
