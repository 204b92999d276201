"""What pages and messages say: filing numbers, risky words, fraud. Pure: text in, values out, no network."""
