"""What hooks call: never fails, never speaks unless asked."""
