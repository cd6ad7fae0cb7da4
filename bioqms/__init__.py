"""The command `bioqms`."""
