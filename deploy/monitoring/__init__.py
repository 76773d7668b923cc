"""What Grafana and Prometheus show of leadgauge."""
