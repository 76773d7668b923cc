"""What people are told: who reached the first priority, and the messages that wait to be sent."""
