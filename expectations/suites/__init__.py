"""What is expected of each frame of measures: one suite a file."""
