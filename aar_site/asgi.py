"""The ASGI entry: pages and live streams are served by uvicorn from here."""

import os
import sys

import django

from aar_site.bounded import Bounded
from aar_site.handler import Handler

sys.setswitchinterval(0.001)  # the loop that hands out what was kept does not wait five for a page that is being made
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
django.setup(set_prefix=False)
application = Bounded(Handler())
