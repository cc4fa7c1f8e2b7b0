# Sourced by the scripts beside it: where the checkout is, what it says while it works, what it needs.
# shellcheck shell=bash
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
VENV="$ROOT/.venv"
PY="$VENV/bin/python"
STAMPS="$ROOT/build/stamps"
export VIRTUAL_ENV="$VENV" PATH="$VENV/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$1" >&2; exit "${2:-1}"; }

# at_least HAVE WANT: both as dotted numbers
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# fingerprint PATH...: one hash over the contents of files and folders
fingerprint() {
  find "$@" -type f ! -path '*/target/*' ! -path '*/__pycache__/*' ! -name '*.so' -print0 2>/dev/null |
    LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d ' ' -f 1
}

# once NAME FINGERPRINT COMMAND...: run the command unless it succeeded with this fingerprint before
once() {
  local name="$1" print="$2" start
  shift 2
  if [ "$(cat "$STAMPS/$name" 2>/dev/null)" = "$print" ]; then return 0; fi
  say "$name"
  start=$SECONDS
  mkdir -p "$STAMPS"
  rm -f "$STAMPS/$name"
  "$@" >&2
  printf '%s' "$print" >"$STAMPS/$name.part"
  mv "$STAMPS/$name.part" "$STAMPS/$name"
  printf '    done in %ss\n' "$((SECONDS - start))" >&2
}

# Python 3.11 or later, the newest one found
find_python() {
  local name
  for name in python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$name"
      return 0
    fi
  done
  fail "Python 3.11 or later with venv is missing; install it (Debian: apt-get install python3 python3-venv), then run this again." 6
}

need_tools() {
  local version
  command -v git >/dev/null || fail "git is missing; install it (Debian: apt-get install git), then run this again." 6
  command -v cc >/dev/null || fail "a C compiler is missing; install one (Debian: apt-get install build-essential), then run this again." 6
  command -v node >/dev/null || fail "Node.js 20 or later is missing; install it (nodejs.org or your distribution), then run this again." 6
  version="$(node --version)"
  at_least "${version#v}" 20.0.0 || fail "Node.js is $version, 20 or later is needed; install a newer one, then run this again." 6
  command -v npm >/dev/null || fail "npm is missing; it comes with Node.js 20 or later; install it, then run this again." 6
  command -v cargo >/dev/null || fail "Rust 1.89 or later is missing; install it (rustup.rs), then run this again." 6
  version="$(rustc --version | cut -d ' ' -f 2)"
  at_least "$version" 1.89.0 || fail "Rust is $version, 1.89 or later is needed; run 'rustup update', then run this again." 6
}

npm_ci() { (cd "$1" && npm ci --no-fund --no-audit --loglevel=error); }

make_venv() {
  local python
  python="$(find_python)"
  rm -rf "$VENV"
  "$python" -m venv "$VENV"
  "$PY" -m pip install --quiet --require-hashes -r requirements.lock
}

build_core() {
  PIP_QUIET=1 "$VENV/bin/maturin" develop --release --locked --quiet
}
