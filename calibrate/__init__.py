"""Learns points and likelihood from conversions, and says how far they can be trusted."""

from calibrate.errors import CalibrationError
from calibrate.options import Options

__all__ = ["CalibrationError", "Options"]
