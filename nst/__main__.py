"""``python -m nst``: see ``nst.commands.cli``."""

import os
import sys

from nst.commands.cli import main
from nst.commands.interrupts import exit_code
from nst.process import make_streams_safe

if __name__ == "__main__":
    make_streams_safe()
    code = main()
    if code > exit_code(0):
        # The painter's thread may still be inside torch; the interpreter's own way out would abort over it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
