"""Telling people: what messages say, how each sink takes them, and sending what waits."""
