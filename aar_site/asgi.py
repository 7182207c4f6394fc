"""The ASGI entry: pages and live streams are served by uvicorn from here."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
application = get_asgi_application()
