"""The product for twenty windows of two people: without the bound on how often one person writes."""

from aar_site.asgi import application
from retros import http

http.WRITES.most = 1_000_000
__all__ = ["application"]
