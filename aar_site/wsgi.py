"""The WSGI entry, for tools that ask for one. Live streams need ASGI: serve with uvicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
application = get_wsgi_application()
