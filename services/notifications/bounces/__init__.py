"""What comes back: delivery status notifications from a mailbox."""
