#!/usr/bin/env bash
# The test suite in fresh environments, one at a time, and a table of results.
#
#   tools/check_compatibility.sh [--fast] [NAME ...]
#
# NAME is oldest, newest or forks (default: all). --fast leaves out the tests
# marked slow. Environments are made in a temporary folder from the last
# commit, need up to 7 GB each and are removed; PYTHON_OLDEST is the
# interpreter of the oldest (default: python3.10, or else python3).
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
upstream='mmengine==0.10.7 mmcv-lite==2.2.0 mmpretrain==1.2.0'
forks='onedl-mmengine>=0.10.12 onedl-mmcv>=2.3.6 onedl-mmpretrain>=1.3.6'
common='timm>=1,<2 numba setuptools>=77.0.3,<81 jinja2 matplotlib rich
    tensorboard hypothesis onnx onnxruntime onnxscript pytest pytest-xdist selenium'

packages_of() {
    case $1 in
    oldest) echo "torch==2.4.1 torchvision==0.19.1 numpy<2 opencv-python<4.12
        $upstream" ;;
    newest) echo "torch torchvision numpy opencv-python $upstream" ;;
    forks) echo "torch torchvision numpy opencv-python $forks" ;;
    *)
        echo "Expected oldest, newest or forks, but got $1." >&2
        exit 2
        ;;
    esac
}

python_of() {
    local found=python3
    if [[ $1 == oldest ]]; then
        found=${PYTHON_OLDEST:-$(command -v python3.10 || echo python3)}
    fi
    echo "$found"
}

install() { # NAME FOLDER
    local packages
    read -r -d '' -a packages <<<"$(packages_of "$1") $common" || true
    "$(python_of "$1")" -m venv "$2" &&
        "$2/bin/pip" install --quiet "${packages[@]}" &&
        "$2/bin/pip" install --quiet --no-deps --no-build-isolation \
            -e "$work/source"
}

check() { # NAME; prints a line of the table and the tests that failed
    local name=$1 folder=$work/$1 result
    if ! install "$name" "$folder" &>"$work/$name.log"; then
        failed=1
        echo "$name | not installed:"
        tail -n 20 "$work/$name.log"
        return
    fi
    result=$(cd "$work/source" && "$folder/bin/python" -m pytest -q \
        -p no:cacheprovider "${options[@]}" 2>&1 | tee "$work/$name.log" |
        tail -n 1) || failed=1
    echo "$name | $(versions "$folder") | $result"
    grep -E '^(FAILED|ERROR)' "$work/$name.log" || true
    rm -rf "$folder"
}

versions() { # FOLDER; what was installed
    "$1/bin/python" - <<'PYTHON'
import platform
from importlib.metadata import distributions
shown = 'torch', 'numpy', 'mmengine', 'mmcv', 'mmpretrain'
found = {d.metadata['Name'].lower(): d.version for d in distributions()}
parts = [f'python {platform.python_version()}']
for name in shown:
    for variant in (name, f'{name}-lite', f'onedl-{name}'):
        if variant in found:
            parts.append(f'{variant} {found[variant]}')
print(', '.join(parts))
PYTHON
}

options=()
names=()
for argument in "$@"; do
    if [[ $argument == --fast ]]; then
        options=(-m 'not slow')
    else
        packages_of "$argument" >/dev/null
        names+=("$argument")
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
mkdir "$work/source"
git -C "$root" archive HEAD | tar -x -C "$work/source"
for name in "${names[@]:-oldest newest forks}"; do
    for one in $name; do check "$one"; done
done
exit $failed
