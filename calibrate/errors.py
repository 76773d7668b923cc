"""What stops a calibration before it can say anything."""


class CalibrationError(Exception):
    """The data or the settings do not allow a calibration; says what to change."""
