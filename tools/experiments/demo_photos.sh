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

models=()
for method in TS-CAM SCM; do
    row=$(tr -d '-' <<< "${method,,}")_lr0.0001_seed0
    if [[ ! -e $OUT/$row/finished && ! -d $DATA ]]; then
        echo "Expected $OUT/$row, a finished training, or $DATA to train on," \
            'made by tools/dataset_converters/imagenette_wsol.py.' >&2
        exit 1
    fi
    [[ -e $OUT/$row/finished ]] ||
        echo "Training $method for about 9 minutes: $OUT/$row/output.log"
    "$HERE/rows.sh" "$OUT" "^$row\$"
    models+=(--model "$method" "$OUT/$row"/*.py
        "$OUT/$row"/best_wsol_gt_known_*.pth)
done
if [[ -z $PHOTOS ]]; then
    PHOTOS=$(mktemp -d)
    trap 'rm -r "$PHOTOS"' EXIT
    awk 'NR % 10 == 1' "$DATA/metadata/val/image_ids.txt" | while read -r id; do
        ln -s "$(realpath "$DATA/$id")" "$PHOTOS"
    done
fi
"$PYTHON" -m mmscm figures compare "$PHOTOS" "${models[@]}" \
    --out "$OUT/demo_photos.png"
