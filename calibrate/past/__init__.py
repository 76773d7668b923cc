"""What was: leads and accounts at earlier moments, and which of these are learned from and tested on."""
