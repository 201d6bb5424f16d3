"""``python -m nst``, which gets signals when it is about to put a file in its place, whatever the machine's pace.

Arguments: how the file's path ends, the signals' names, joined by commas, and the program's own arguments. Of several
signals the last one comes again and again while the program waits with the file in its hand.
"""

import os
import signal
import sys
import time

from nst.commands.cli import main

END, NAMES, *ARGUMENTS = sys.argv[1:]
SIGNALS = [signal.Signals[name] for name in NAMES.split(",")]


def send(event: str, arguments: tuple[object, ...]) -> None:
    """Hear what Python tells its auditors; files are put in place by a rename."""
    if event == "os.rename" and str(arguments[1]).endswith(END):
        for number in SIGNALS:
            os.kill(os.getpid(), number)
        while SIGNALS[1:]:
            time.sleep(0.1)
            os.kill(os.getpid(), SIGNALS[-1])


if __name__ == "__main__":
    sys.addaudithook(send)
    sys.exit(main(ARGUMENTS))
