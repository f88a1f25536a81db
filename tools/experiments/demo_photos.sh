#!/usr/bin/env bash
# SCM beside TS-CAM on photographs: demo_photos.sh [PHOTOS [WORK_DIR]]
#
# PHOTOS is a folder or an image; without it, ten images of imagenette's val
# split. Both methods are rows of docs/comparison.md, DeiT-T at 224 px, and
# trained first where they are not: 80 iterations on data/imagenette_wsol,
# about 9 minutes of a core each. They know ten classes of ImageNet.
set -euo pipefail
PHOTOS=${1:-}
OUT=${2:-work_dirs/rows}
PYTHON=${PYTHON:-python}
DATA=data/imagenette_wsol
HERE=$(dirname "${BASH_SOURCE[0]}")
TSCAM=$OUT/tscam_lr0.0001_seed0
SCM=$OUT/scm_lr0.0001_seed0

for run in "$TSCAM" "$SCM"; do
    [[ ! -e $run/finished ]] || continue
    if [[ ! -d $DATA ]]; then
        echo "Expected $run, a finished training, or $DATA to train on," \
            'made by tools/dataset_converters/imagenette_wsol.py.' >&2
        exit 1
    fi
    echo "Will train about 9 minutes: $run/output.log"
done
"$HERE/rows.sh" "$OUT" '^(scm|tscam)_lr0.0001_seed0$'
if [[ -z $PHOTOS ]]; then
    PHOTOS=$(mktemp -d)
    trap 'rm -r "$PHOTOS"' EXIT
    awk 'NR % 10 == 1' "$DATA/metadata/val/image_ids.txt" | while read -r id; do
        ln -s "$(realpath "$DATA/$id")" "$PHOTOS"
    done
fi
"$PYTHON" -m mmscm figures compare "$PHOTOS" \
    --model TS-CAM "$TSCAM"/*.py "$TSCAM"/best_wsol_gt_known_*.pth \
    --model SCM "$SCM"/*.py "$SCM"/best_wsol_gt_known_*.pth \
    --out "$OUT/demo_photos.png"
