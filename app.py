"""The studio: ``python app.py``, then open the address that it prints."""

import sys

from nst.process import make_streams_safe
from nst.web.launch import main

if __name__ == "__main__":
    make_streams_safe()
    sys.exit(main())
