"""The scorecard: its rules in words, what each does, and changes of it that a second person puts into force."""
