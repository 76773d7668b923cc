"""Learns points and likelihood from conversions, and says how far they can be trusted."""

from calibrate.dated import run
from calibrate.errors import CalibrationError
from calibrate.options import Options
from calibrate.result import Calibration

__all__ = ["Calibration", "CalibrationError", "Options", "run"]
