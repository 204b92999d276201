"""Where the tests live: a data folder of their own, set before Django reads its settings."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = tempfile.mkdtemp(prefix="openbeian-test-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
Path(_home, "static").mkdir()  # whitenoise warns of a folder that is not there
os.environ["OPENBEIAN_HOME"] = _home
os.environ["OPENBEIAN_ENVIRONMENT"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "openbeian.settings"
os.environ.setdefault("OPENBEIAN_LANGUAGE", "zh")
