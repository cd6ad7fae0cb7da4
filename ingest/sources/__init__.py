"""What comes in without a request."""
