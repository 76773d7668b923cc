"""Changes as HubSpot tells them, from the webhooks journal or from webhooks: what they make due to be read."""
