#!/usr/bin/env python
"""Django's command line of this project."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
    os.umask(0o077)  # whatever a command writes (database, mails, queue, exports) is for this user alone
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # a setting that makes no sense: its sentence says how to mend it
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
