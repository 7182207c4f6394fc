"""The ASGI entry: pages and live streams are served by uvicorn from here."""

import os
import warnings

from django.core.asgi import get_asgi_application

from aar_site.bounded import Bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aar_site.settings")
# Static files are small and read at once; said for each of them, it would hide what matters in the log.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
application = Bounded(get_asgi_application())
