"""`python run_showcase.py [OPTIONS]` is `showcase run [OPTIONS]`."""

import sys

from showcase.cli import main

if __name__ == "__main__":
    main(["run", *sys.argv[1:]])
