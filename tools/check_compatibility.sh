#!/usr/bin/env bash
# The test suite of the last commit in a fresh environment
#
#   tools/check_compatibility.sh [--fast] [NAME ...]
#
# NAME is oldest, newest or forks (default: all). --fast leaves out the tests
# marked slow. Environments are made in a temporary folder, one at a time, need
# up to 7 GB each and are removed; PYTHON_OLDEST is the interpreter of the
# oldest (default: python3.10, or else python3).
set -euo pipefail

options=() fast=()
if [[ ${1-} == --fast ]]; then
    options=(-m 'not slow') fast=(--fast)
    shift
fi
if [ $# != 1 ]; then
    failed=0
    [ $# != 0 ] || set -- oldest newest forks
    for name; do "$0" "${fast[@]}" "$name" || failed=1; done
    exit $failed
fi

hosts='numpy opencv-python mmengine==0.10.7 mmcv-lite==2.2.0 mmpretrain==1.2.0'
python=python3
case $1 in
oldest)
    hosts="torch==2.4.1 torchvision==0.19.1 numpy<2 opencv-python<4.12 $hosts"
    python=${PYTHON_OLDEST:-$(command -v python3.10 || echo python3)}
    ;;
newest) hosts="torch torchvision $hosts" ;;
forks)
    hosts='torch torchvision numpy opencv-python onedl-mmengine>=0.10.12
        onedl-mmcv>=2.3.6 onedl-mmpretrain>=1.3.6'
    ;;
*)
    echo "Expected oldest, newest or forks, but got $1." >&2
    exit 2
    ;;
esac
read -r -d '' -a packages <<<"$hosts timm>=1,<2 numba setuptools>=77.0.3,<81
    jinja2 matplotlib rich tensorboard hypothesis onnx onnxruntime onnxscript
    pytest pytest-xdist selenium" || true

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$(dirname "$0")/.." archive HEAD | tar -x -C "$work"
"$python" -m venv "$work/.venv"
pip="$work/.venv/bin/pip"
"$pip" install --quiet "${packages[@]}"
"$pip" install --quiet --no-deps --no-build-isolation -e "$work"
echo "$1: $("$work/.venv/bin/python" --version)"
"$pip" freeze | grep -E '^(torch|numpy|(onedl-)?mm(engine|cv|pretrain))'
cd "$work"
.venv/bin/python -m pytest -q -p no:cacheprovider "${options[@]}"
