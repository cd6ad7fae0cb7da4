"""What every test folder may use: the servers of ``tests.servers``."""

pytest_plugins = ["tests.servers"]
