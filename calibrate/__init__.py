"""Learns points and a likelihood from conversions, and reports how far they can be trusted."""

from calibrate.errors import CalibrationError
from calibrate.from_history import run
from calibrate.options import Options
from calibrate.result import Calibration

__all__ = ["Calibration", "CalibrationError", "Options", "run"]
