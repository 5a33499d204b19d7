"""`python -m fleetopt` is the command line."""

from fleetopt.cli.main import run

if __name__ == "__main__":
    run()
