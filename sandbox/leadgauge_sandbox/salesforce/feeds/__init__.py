"""Change data capture: change events of the org's records, delivered by the Pub/Sub API over gRPC."""
