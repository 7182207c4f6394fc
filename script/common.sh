# Sourced by the scripts beside it. POSIX sh. Each function does only what is missing, so every script can run again.
set -eu
case ${HINDCAST_DATA-} in
    "" | /* | "~"*) ;;
    *) HINDCAST_DATA=$PWD/$HINDCAST_DATA && export HINDCAST_DATA ;; # as seen from where the command was typed
esac
cd "$(dirname "$0")/.."

PANGO="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1
    fi
}

# apt_install PACKAGE...: quietly, as root or by sudo without a question; fails where neither works.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ -z "${APT_UPDATED-}" ]; then
        as_root apt-get update -qq >/dev/null 2>&1 || return 1
        APT_UPDATED=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

# python_packages LOCK: a virtual environment in .venv with exactly what the lock file names.
python_packages() {
    PY=$PWD/.venv/bin/python
    if ! "$PY" -c '' 2>/dev/null; then
        base=$(find_python) || {
            say "Installing Python"
            apt_install python3 python3-venv ca-certificates || {
                say "Python 3.11 or newer with venv is needed. Run:  sudo apt-get install python3 python3-venv"
                exit 1
            }
            base=$(find_python) || { say "The Python of this system is older than 3.11."; exit 1; }
        }
        rm -rf .venv
        "$base" -m venv .venv
    fi
    want=$(sha256sum <"$1" | cut -d' ' -f1)
    if [ "$want" != "$(cat ".venv/.installed-$1" 2>/dev/null || true)" ]; then
        say "Installing Python packages ($1)"
        "$PY" -m pip install -q --disable-pip-version-check --no-input --require-hashes --only-binary :all: -r "$1"
        printf %s "$want" >".venv/.installed-$1"
        rm -f .venv/.pdf-works
    fi
}

# The PDF libraries unpacked inside .venv, where there is no root.
use_private_pango() {
    private=$PWD/.venv/pango
    [ -f "$private/fonts.conf" ] || return 0
    libraries=$(dirname "$(find "$private" -name 'libpango-1.0.so.0' | head -n 1)")
    LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    FONTCONFIG_FILE="$private/fonts.conf"
    export LD_LIBRARY_PATH FONTCONFIG_FILE
}

pdf_works() { "$PY" -c 'import weasyprint' >/dev/null 2>&1; }

unpack_private_pango() {
    command -v apt-get >/dev/null 2>&1 || return 1
    private=$PWD/.venv/pango
    rm -rf "$private"
    mkdir -p "$private/debs"
    # shellcheck disable=SC2086
    needed=$(apt-get -s install --no-install-recommends $PANGO 2>/dev/null | awk '/^Inst/ {print $2}')
    [ -n "$needed" ] || return 1
    # shellcheck disable=SC2086
    (cd "$private/debs" && apt-get download -qq $needed >/dev/null 2>&1) || return 1
    for package in "$private"/debs/*.deb; do dpkg-deb -x "$package" "$private" || return 1; done
    rm -rf "$private/debs"
    [ -f "$private/etc/fonts/fonts.conf" ] || return 1
    sed "s#/usr/share/fonts#$private/usr/share/fonts#; s#>conf.d<#>$private/etc/fonts/conf.d<#" \
        "$private/etc/fonts/fonts.conf" >"$private/fonts.conf"
}

# pdf_libraries: Pango from the system, else from Debian's packages, else unpacked in .venv; without it only PDF is off.
pdf_libraries() {
    use_private_pango
    [ -f .venv/.pdf-works ] && return 0
    if ! pdf_works; then
        say "Installing the PDF libraries (Pango)"
        # shellcheck disable=SC2086
        apt_install $PANGO || unpack_private_pango || rm -rf .venv/pango
        use_private_pango
    fi
    if pdf_works; then : >.venv/.pdf-works
    else say "PDF export is off: Pango is missing. Everything else works. To switch it on:  sudo apt-get install $PANGO"
    fi
}

# fonts: those of pages and PDF, built once from the typeface packages.
fonts() {
    [ -f static/fonts/mono.woff2 ] && [ build/fonts/mono.ttf -nt requirements.txt ] && [ build/fonts/mono.ttf -nt aar_site/fonts.py ] && return 0
    say "Building the fonts"
    "$PY" -m aar_site.fonts
}

find_chromium() { command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome; }

# chromium_browser: the system's Chromium for the browser tests; without it they are skipped, or fail where CI asks for them.
chromium_browser() {
    if ! find_chromium >/dev/null 2>&1 || ! ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1; then
        say "Installing Chromium for the browser tests"
        apt_install chromium-headless-shell libatomic1 || apt_install chromium libatomic1 || true
    fi
    if ! find_chromium >/dev/null 2>&1; then
        say "No Chromium: the browser tests are skipped. To run them:  sudo apt-get install chromium-headless-shell libatomic1"
    fi
}
