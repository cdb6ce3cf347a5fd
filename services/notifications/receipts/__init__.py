"""What GOV.UK Notify says of a message after it took it: by a call, or when it is asked."""
