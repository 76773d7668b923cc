"""Types shared by every layer: rows, outputs, units. No I/O, no clock, no vendor names."""
