"""The daemon's own pages: what it does and what it computed, in a browser."""
