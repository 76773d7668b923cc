"""The words that all parts share: rows, outputs, units. No input or output, no clock, no vendor's name."""
