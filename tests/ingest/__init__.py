"""The collector, step by step, and as a real server."""
