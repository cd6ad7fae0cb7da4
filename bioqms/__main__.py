"""`python -m bioqms` is `bioqms`."""

from bioqms.cli import main

main(prog_name="bioqms")
