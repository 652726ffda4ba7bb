#!/bin/sh
# Makes .venv with the locked requirements; does nothing when it is up to date.
# Usage: scripts/setup.sh [runtime|dev]   (dev adds what tests and checks need)
#
# Rasa 3.6 needs Python 3.10. It is looked for on PATH, then under pyenv, then with uv,
# which can also download it. XIESHANG_PYTHON names one by hand.
set -eu
cd "$(dirname "$0")/.."
profile=${1:-runtime}
venv=.venv

fail() { echo "setup: $*" >&2; exit 1; }

is_310() { "$1" -c 'import sys, ssl, venv; raise SystemExit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

# uv on PATH, or from the locked requirements with a Python of any version.
find_uv() {
    if uv --version >/dev/null 2>&1; then echo uv; return; fi
    any=$(command -v python3 || command -v python) || return 0
    echo "setup: no Python 3.10 here; getting uv, which can download it" >&2
    "$any" -m venv .venv-uv >/dev/null 2>&1 || return 0
    .venv-uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt >&2 || return 0
    echo .venv-uv/bin/uv
}

find_python() {
    if [ -n "${XIESHANG_PYTHON:-}" ]; then
        is_310 "$XIESHANG_PYTHON" || fail "XIESHANG_PYTHON=$XIESHANG_PYTHON is not a working Python 3.10"
        echo "$XIESHANG_PYTHON"; return
    fi
    # python3 may be 3.10 itself; a pyenv shim of python3.10 may be there and not work
    for name in python3.10 python3 python; do
        path=$(command -v "$name" 2>/dev/null) || continue
        if is_310 "$path"; then echo "$path"; return; fi
    done
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python; do
        if [ -x "$path" ] && is_310 "$path"; then echo "$path"; return; fi
    done
    uv=$(find_uv)
    [ -n "$uv" ] || return 0
    # finds one of its own or downloads it; what it says goes to the terminal
    "$uv" python find 3.10 2>/dev/null && return
    echo "setup: uv downloads Python 3.10" >&2
    "$uv" python install 3.10 >&2 && "$uv" python find 3.10 && return
    fail "uv could not download Python 3.10 (no network?); install it by hand and run again"
}

stamp() {
    if [ "$profile" = dev ]; then
        cat requirements/uv.txt requirements/runtime.txt requirements/dev.txt
    else
        cat requirements/uv.txt requirements/runtime.txt
    fi | cksum
}

want=$(stamp)
done_file=$venv/installed-$profile
[ -f "$done_file" ] && [ "$(cat "$done_file")" = "$want" ] && exit 0

if [ ! -x $venv/bin/python ] || ! is_310 $venv/bin/python; then
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.10 was not found on PATH or under pyenv, and uv is not there. Install it (pyenv install 3.10, or pip install uv) and run again"
    rm -rf $venv
    "$python" -m venv $venv 2>/dev/null || fail "$python cannot make a virtual environment (on Debian: apt-get install python3.10-venv), or the disk is full"
fi

free=$(df -Pk . | awk 'NR == 2 {print int($4 / 1024)}')
[ "$free" -ge 4000 ] || fail "the environment needs 4 GB of disk, ${free} MB are free"

log=$venv/setup.log
run() {
    "$@" >"$log" 2>&1 && return
    if grep -qiE 'no space left' "$log"; then fail "the disk is full"; fi
    if grep -qiE 'connect|resolve|network|timed out|dns' "$log"; then fail "the package index cannot be reached; check the network or proxy (details: $log)"; fi
    fail "installing failed: $(grep -v '^[[:space:]]*$' "$log" | tail -n 1) (details: $log)"
}

echo "Installing the locked requirements into $venv (once; a minute or two) ..."
rm -f $venv/installed-*
[ -x $venv/bin/uv ] || run $venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
set -- -r requirements/runtime.txt
[ "$profile" = dev ] && set -- "$@" -r requirements/dev.txt
run $venv/bin/uv pip install --python $venv/bin/python --require-hashes "$@"
[ "$profile" = dev ] && { profile=runtime; stamp >$venv/installed-runtime; profile=dev; }
echo "$want" >"$done_file"
