"""The command line: ``python -m glico COMMAND``."""

import sys

from glico.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
