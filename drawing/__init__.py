"""Charts as inline SVG that take their ink from the page, in light and in dark."""
