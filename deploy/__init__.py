"""Files to run leadgauge with: images, manifests, a unit, dashboards and alert rules."""
