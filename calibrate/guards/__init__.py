"""What must not be learned: leaks, names that give away, people who were never tried."""
