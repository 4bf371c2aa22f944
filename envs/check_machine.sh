#!/usr/bin/env bash
# Stops with one clear line where the workflow cannot run. usage: check_machine.sh PYTHON [--verbose]
set -euo pipefail
python=$1
say() { [ "${2:-}" != --verbose ] || echo "ok: $1"; }
stop() { echo "mint: $1" >&2; exit 1; }
verbose=${2:-}

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || stop "needs Linux on x86_64 (OpenSim has no other wheel); this is $(uname -s) on $(uname -m)"
say "Linux on x86_64" "$verbose"
command -v "$python" >/dev/null || stop "no $python; install Python 3.11 to 3.13, or name it: make PYTHON=/path/to/python3.12 ..."
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case $version in
  3.11 | 3.12 | 3.13) say "Python $version" "$verbose" ;;
  *) stop "needs Python 3.11 to 3.13; $python is $version. Name another: make PYTHON=/path/to/python3.12 ..." ;;
esac
"$python" -c 'import venv, ensurepip' 2>/dev/null || stop "$python has no venv or pip; on Debian: apt-get install python3-venv python3-pip"
say "venv and pip" "$verbose"
"$python" -c 'import sys; sys.exit(not sys.maxsize > 2**32)' || stop "needs a 64-bit Python"
command -v gcc >/dev/null || stop "no gcc; on Debian: apt-get install gcc"
say "gcc $(gcc -dumpversion)" "$verbose"
command -v make >/dev/null || stop "no make; on Debian: apt-get install make"
free_gb=$(df -Pk . | awk 'NR==2 {print int($4 / 1048576)}')
[ "$free_gb" -ge 6 ] || stop "needs 6 GB of free disk here for environment and results; there are $free_gb"
say "$free_gb GB free disk" "$verbose"
