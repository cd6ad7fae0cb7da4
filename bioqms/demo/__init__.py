"""The demo: what it sends, and what it shows."""
