"""The daemon: scheduled passes, reloading of settings, health and metrics."""
