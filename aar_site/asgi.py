"""The ASGI entry: pages and live streams are served by uvicorn from here."""

import gc
import os

import django
from django.urls import get_resolver

from aar_site.bounded import Bounded
from aar_site.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
django.setup(set_prefix=False)
application = Bounded(Handler())

# What is loaded once stays until the end. Left to the collector, it walks all of it time and again, and a live room stands
# still meanwhile: 120 ms for what it does in 1 ms without.
get_resolver().url_patterns  # noqa: B018 - loads the views
gc.collect()
gc.freeze()
