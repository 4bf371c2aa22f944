#!/usr/bin/env bash
# Stops at the first thing that the workflow needs and this machine lacks; with --verbose it names all there is and lacks.
# usage: check_machine.sh PYTHON [--verbose]
set -euo pipefail
python=$1
verbose=${2:-}
lacking=0
say() { [ "$verbose" != --verbose ] || echo "ok: $1"; }
lack() { echo "mint: $1" >&2; lacking=1; [ "$verbose" = --verbose ] || exit 1; }

if [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ]; then say "Linux on x86_64"
else lack "needs Linux on x86_64 (OpenSim has no other wheel); this is $(uname -s) on $(uname -m)"; fi
if ! command -v "$python" >/dev/null; then
  lack "no $python; install Python 3.11 to 3.13, or name it: make PYTHON=/path/to/python3.12 ..."
else
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  case $version in
    3.11 | 3.12 | 3.13) say "Python $version" ;;
    *) lack "needs Python 3.11 to 3.13; $python is $version. Name another: make PYTHON=/path/to/python3.12 ..." ;;
  esac
  if "$python" -c 'import venv, ensurepip' 2>/dev/null; then say "venv and pip"
  else lack "$python has no venv or pip; on Debian: apt-get install python3-venv python3-pip"; fi
  "$python" -c 'import sys; sys.exit(not sys.maxsize > 2**32)' || lack "needs a 64-bit Python"
fi
if command -v gcc >/dev/null; then say "gcc $(gcc -dumpversion)"; else lack "no gcc; on Debian: apt-get install gcc"; fi
command -v make >/dev/null || lack "no make; on Debian: apt-get install make"
free_gb=$(df -Pk . | awk 'NR==2 {print int($4 / 1048576)}')
if [ "$free_gb" -ge 6 ]; then say "$free_gb GB free disk"
else lack "needs 6 GB of free disk here for environment and results; there are $free_gb"; fi
exit $lacking
