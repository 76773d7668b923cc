"""The watch over the score: what became of the leads, what the score says now, and what to do about it."""
