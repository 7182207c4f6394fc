"""All settings of the site. SQLite, a queue on disk and no other server by default; PostgreSQL and Redis by environment."""

from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF

from aar_site import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("HINDCAST_DATA", str(BASE_DIR / "data"))).expanduser().resolve()
VERSION = "0.1.0"

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_DIR)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Links and codes that wait in the outbox are encrypted with this key, which never stands in the database.
OUTBOX_KEY = env.kept_secret("OUTBOX_KEY", DATA_DIR, lambda: Fernet.generate_key().decode())

BASE_URL = env.web_address("BASE_URL", "http://127.0.0.1:8000")
IS_HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname, *env.words("ALLOWED_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
PROXY_COUNT = env.whole("PROXY_COUNT", 0, 0, 5)  # how many proxies of the house stand before the web processes
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "aar_site",
    "retros",
    "actions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "aar_site.middleware.MannersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "aar_site.middleware.SmallPagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "retros.bound.PersonalLinkMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "retros.http.RefusalMiddleware",
]

ROOT_URLCONF = "aar_site.urls"
WSGI_APPLICATION = "aar_site.wsgi.application"
ASGI_APPLICATION = "aar_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'hindcast.sqlite3'}")}
IS_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if IS_SQLITE:
    # IMMEDIATE: a deferred transaction is refused at once when two people write together. FULL: a kept change survives
    # a power cut. Right only while ATOMIC_REQUESTS is off, so that reading pages never take the write lock.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; "
        "PRAGMA journal_size_limit=67108864; PRAGMA busy_timeout=20000;",
    }
    # The threads that answer live on, and opening the file again costs as much as a form.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    # A file, not memory: the browser tests serve pages from a second thread.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = (
        True  # after a restart of the database no request gets a dead connection
    )
    STATEMENT_TIMEOUT = env.whole("STATEMENT_TIMEOUT", 10, 1, 3600)
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),  # of the address, such as sslmode
        "pool": {"min_size": 1, "max_size": env.whole("DATABASE_POOL", 10, 1, 100), "timeout": 10},
        "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=15s "
        f"-c statement_timeout={STATEMENT_TIMEOUT}s",
    }

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hindcast_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # what is counted there is not to be crowded out by many tries
    }
}

# --- Queue ----------------------------------------------------------------------------------------------------------
# A task is never the only record of work: what is due is a row, and a beat task sweeps the rows.
REDIS_URL = env.redis("REDIS_URL")
QUEUE_DIR = DATA_DIR / "queue"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "aar_site.broker:Transport"
# Seconds after which Redis hands a task that nobody acknowledged to another worker: longer than any task may take.
VISIBILITY_TIMEOUT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": VISIBILITY_TIMEOUT, "socket_timeout": 2, "socket_connect_timeout": 2}
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "processed_folder": str(QUEUE_DIR / "done"),
        "control_folder": str(QUEUE_DIR / "control"),
        # Otherwise each message passes through the system's shared temporary folder.
        "store_processed": True,
        "polling_interval": 0.25,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20  # asked by QUIT: so long for tasks to end by themselves; TERM waits for them
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"

# --- People and sign-in ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "aar_site.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "aar_site.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever's password changes is told by mail
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "aar_site.people.tokens.ResetTokenGenerator"  # noqa: S105
GUEST_LINK_DAYS = env.whole("GUEST_LINK_DAYS", 30, 0, 3650)  # so long personal links open after a review is closed

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-sid" if IS_HTTPS else "sid"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "aar_site.views.csrf_failure"

# --- Mail -----------------------------------------------------------------------------------------------------------
MAIL_DIR = EMAIL_FILE_PATH = DATA_DIR / "mail"  # where mails go as files while no mail server is named
vars().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", "Hindcast <hindcast@localhost>")

# --- Safety ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in ("camera", "geolocation", "microphone", "payment", "usb"))
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # whether all subdomains of the house speak https is not ours to promise
    "security.W008",  # the proxy that ends TLS redirects; the web process is never reached without it
    "security.W021",  # as W005
]
ALLOW_HTTP = env.flag("ALLOW_HTTP")  # a public address without https, see aar_site/checks.py
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Words, time, files ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "aar_site.static_files.TwinStorage"},
}
LOG_FORMAT = env.choice("LOG_FORMAT", "LINE", ("LINE", "JSON"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "aar_site.logs.QuietFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "aar_site.logs.JsonFormatter"},
        "full": {"format": "%(levelname)s %(name)s %(message)s"},  # for developers, who have nobody's words
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "full" if DEBUG else LOG_FORMAT.lower()}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    },
    "loggers": {
        # Django's own handlers would mail request bodies to ADMINS; a body may hold a sealed account.
        "django": {"handlers": [], "propagate": True},
        "django.db.backends": {"level": "INFO"},  # its debug lines hold the parameters of every query
        "uvicorn": {"handlers": [], "level": "WARNING", "propagate": True},  # its own handlers print whole exceptions
        "uvicorn.access": {"handlers": [], "level": "CRITICAL"},
    },
}
