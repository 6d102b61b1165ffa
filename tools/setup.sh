#!/bin/sh
# Makes .venv ready for ./run, ./test and make: tools/setup.sh run|test|bench
#
# What the system lacks is installed with apt (as root or through sudo); where that cannot be done, the
# exact line to type is printed. A second call finds everything in place and returns at once.
set -eu

purpose=${1:-run}
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
venv=$here/.venv
retry=${LAMELLA_STARTED_AS:-"tools/setup.sh $purpose"}

say() { printf '%s\n' "lamella: $*" >&2; }

# A Python that Lamella runs on and that can make an environment, or nothing.
find_python() {
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$name" - 2>/dev/null <<'CHECK'
import ensurepip, sys, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
CHECK
        then
            command -v "$name"
            return
        fi
    done
}

# Debian's packages for the libraries that are not here: "drawing" needs no display, "windows" do.
missing_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    present=$(PATH=$PATH:/usr/sbin:/sbin; ldconfig -p 2>/dev/null || true)
    {
        echo libEGL.so.1 libegl1
        echo libGL.so.1 libgl1
        if [ "$purpose" != run ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
            echo libfontconfig.so.1 libfontconfig1
            echo libglib-2.0.so.0 libglib2.0-0
            echo libdbus-1.so.3 libdbus-1-3
            echo libxkbcommon.so.0 libxkbcommon0
            echo libxkbcommon-x11.so.0 libxkbcommon-x11-0
            echo libxcb-cursor.so.0 libxcb-cursor0
            echo libxcb-icccm.so.4 libxcb-icccm4
            echo libxcb-keysyms.so.1 libxcb-keysyms1
            echo libxcb-shape.so.0 libxcb-shape0
        fi
    } | while read -r library package; do
        case $present in
            *"$library "*) ;;
            *) echo "$package" ;;
        esac
    done
}

missing_packages() {
    if [ ! -x "$venv/bin/python" ] && [ -z "$(find_python)" ]; then
        echo python3-venv
    fi
    missing_libraries
    if [ "$purpose" = test ] && ! command -v Xvfb >/dev/null; then
        echo xvfb
    fi
}

# Install Debian packages, or print the line that does and stop.
install_packages() {
    line="apt-get update && apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null; then
        say "this system lacks what Debian calls: $*; install them in its own way, then start $retry again"
        exit 1
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=sudo
    else
        say "the system lacks: $*. Type this line, then start $retry again:"
        if command -v sudo >/dev/null; then
            printf '%s\n' "sudo sh -c '$line'"
        else
            printf '%s\n' "su - -c '$line'"
        fi
        exit 1
    fi
    say "installing with apt: $*"
    $as_root env DEBIAN_FRONTEND=noninteractive sh -c "$line" >&2 || {
        say "apt failed (see above); type this line as root, then start $retry again:"
        printf '%s\n' "$line"
        exit 1
    }
}

make_environment() {
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(find_python)
        if [ -z "$python" ]; then
            say "no Python 3.11, 3.12 or 3.13 with venv was found; install one, then start $retry again" \
                "(or name it: PYTHON=/path/to/python3.12 $retry)"
            exit 1
        fi
        say "making .venv with $python"
        "$python" -m venv --clear "$venv"
        say "installing the libraries that Lamella stands on (once; about 600 MB to download)"
    else
        say "bringing .venv up to date"
    fi
    case $purpose in
        run) extras= ;;
        test) extras='[test]' ;;
        bench) extras='[test,bench]' ;;
    esac
    quiet=-q
    [ ! -t 2 ] || quiet=
    "$venv/bin/python" -m pip install $quiet --disable-pip-version-check --no-compile \
        --prefer-binary -e "$here$extras" >&2
    say "compiling the kernels (once)"
    (cd "$here" && "$venv/bin/python" -c "from engine.kernels import warm; warm()") >&2
}

packages=$(missing_packages)
# shellcheck disable=SC2086  # one word a package
[ -z "$packages" ] || install_packages $packages

# A stamp says what the environment was made for, from what, and where: a moved folder is made again.
stamp=$venv/ready-for-$purpose
wanted="$(cat "$here/pyproject.toml" "$here/tools/setup.sh" | cksum) $here"
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    make_environment
    case $purpose in
        run) made="run" ;;
        test) made="run test" ;;
        bench) made="run test bench" ;;
    esac
    for one in $made; do printf '%s\n' "$wanted" >"$venv/ready-for-$one"; done
fi
