"""The ASGI entry: pages and live streams are served by uvicorn from here."""

import os

import django

from aar_site.bounded import Bounded
from aar_site.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
django.setup(set_prefix=False)
application = Bounded(Handler())
