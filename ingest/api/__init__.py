"""The protocols by which events come over HTTP, one file each."""
