"""Errors that stop a calibration."""


class CalibrationError(Exception):
    """Raised if the data or the settings do not allow a calibration; the message says what to change."""
