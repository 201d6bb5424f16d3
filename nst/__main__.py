"""``python -m nst``: see ``nst.commands.cli``."""

import os
import sys

from nst.commands.cli import main
from nst.commands.transfer import INTERRUPTED

if __name__ == "__main__":
    code = main()
    if code == INTERRUPTED:
        # The painter's thread may still be inside torch; the interpreter's own way out would abort over it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
