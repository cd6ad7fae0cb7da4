"""Benchmarks: what a build costs, what the collector bears, beside floors and peers."""
