# The application image: web, worker, beat and migrate of docker-compose.yml are the same image with another command.
FROM python:3.13-slim-trixie

# The PDF libraries; everything else comes from the lock file.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

# A user of its own, whose only writable places are /data and /tmp.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin hindcast \
    && install -d -m 0700 -o hindcast -g hindcast /data

WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HINDCAST_DATA=/data STATIC_ROOT=/app/collected

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt

COPY manage.py .
COPY aar_site aar_site
COPY retros retros
COPY actions actions
COPY templates templates
COPY static static

# Web fonts and static files are made here, so that the container's own disk can be read-only. The keys that collecting
# makes on its way lie in a folder that is gone with this step: the image holds no secret.
RUN python -m aar_site.fonts \
    && HINDCAST_DATA=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && chmod -R a+rX /app \
    && rm -rf /tmp/build

USER 10001:10001
EXPOSE 8000
CMD ["uvicorn", "aar_site.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off"]
