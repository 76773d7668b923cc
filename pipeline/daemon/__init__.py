"""The daemon: passes on a schedule, settings that are read again, and what it tells of itself."""
