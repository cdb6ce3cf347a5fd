"""Information that the hub asks of agencies and of the referrer, and what they answer."""
