"""The studio: ``python app.py``, then open the address that it prints."""

import sys

from nst.web.launch import main

if __name__ == "__main__":
    sys.exit(main())
