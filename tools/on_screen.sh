#!/bin/sh
# Runs a command on a screen of its own (Xvfb), whatever display there is: tools/on_screen.sh COMMAND ...
set -eu
if ! command -v Xvfb >/dev/null; then
    exec "$@"
fi
folder=$(mktemp -d)
Xvfb -displayfd 3 -screen 0 1920x1200x24 -nolisten tcp 3>"$folder/display" 2>"$folder/log" &
screen=$!
trap 'kill "$screen" 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
while [ ! -s "$folder/display" ] && kill -0 "$screen" 2>/dev/null; do sleep 0.1; done
if [ -s "$folder/display" ]; then
    DISPLAY=:$(cat "$folder/display")
    export DISPLAY QT_QPA_PLATFORM=xcb
    unset WAYLAND_DISPLAY
else
    cat "$folder/log" >&2
fi
"$@"
