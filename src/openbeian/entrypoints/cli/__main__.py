"""`python -m openbeian.entrypoints.cli`, which the launcher calls."""

import sys

from openbeian.entrypoints.cli import main

sys.exit(main())
