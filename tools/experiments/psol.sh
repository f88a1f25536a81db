#!/usr/bin/env bash
# Train PSOL on the boxes of finished runs: psol.sh WORK_DIR RUN...
#
# RUN is the folder of a training on imagenette_wsol. Its best checkpoint boxes
# training images, each for its class, at the threshold that val chose; or it is
# the config of a method without training, of ddt, lost or tokencut. An
# EfficientNet-Lite0 from public weights learns the boxes; both are tested, and
# the difference is printed with its interval over images: that of GT-Known, as
# the student has no classes. A small budget, for a CPU: every fifth image,
# twice, in batches of 32. More with EVERY=1 EPOCHS=5.
set -euo pipefail
OUT=$(realpath -m "$1")
shift
NAMES=.
EVERY=${EVERY:-5}
EPOCHS=${EPOCHS:-2}
RATE=${RATE:-0.001}
DATA=data/imagenette_wsol
# shellcheck source=SCRIPTDIR/train_runs.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_runs.sh"

logged() { # LOG TOOL ARGUMENT...
    "$PYTHON" "$TOOLS/$2" "${@:3}" >> "$1" 2>&1 && return
    echo "failed, see $1" >&2
    exit 1
}

tested() { # FOLDER CONFIG [CHECKPOINT] [OPTION...]
    [[ -e $1/test/test_metrics.json ]] ||
        logged "$1/test.log" test.py "${@:2}" --work-dir "$1/test"
}

mkdir -p "$OUT/split"
for list in image_ids class_labels image_sizes; do
    awk "NR % $EVERY == 0" "$DATA/metadata/train/$list.txt" \
        > "$OUT/split/$list.txt"
done
for run in "$@"; do
    name=$(basename "$run")
    best=("$run"/*.py "$run"/best_wsol_gt_known_*.pth)
    options=()
    if [[ -f $run ]]; then
        name=$(basename "$(dirname "$run")")
        best=("$run")
    fi
    if [[ $name == ddt ]]; then # tested with the axes that boxed
        options=(--cfg-options custom_hooks.0.dataset.split_folder="$OUT/split")
    fi
    folder=$OUT/$name student=$OUT/psol_$name
    mkdir -p "$folder"
    [[ -e $folder/boxes.txt ]] ||
        logged "$folder/infer.log" infer.py "$DATA" "${best[@]}" --resume \
            --split "$OUT/split" --out-dir "$folder"
    train "psol_$name" configs/psol/efficientnet-lite0_imagenette.py \
        train_dataloader.dataset.split_folder="$OUT/split" \
        train_dataloader.dataset.pseudo_boxes="$folder/boxes.txt" \
        train_dataloader.batch_size=32 \
        optim_wrapper.optimizer.lr="$RATE" randomness.seed=0 \
        train_cfg.max_epochs="$EPOCHS" param_scheduler.0.end=20 \
        param_scheduler.1.T_max="$EPOCHS"
    [[ -e $student/finished ]] || continue
    tested "$folder" "${best[@]}" "${options[@]}"
    tested "$student" "$student"/*.py "$student"/best_wsol_gt_known_*.pth
    "$PYTHON" "$TOOLS/experiments/summarize.py" --test test --differences \
        "${name%_seed*}" "psol_${name%_seed*}" -- "$folder" "$student"
done
report_failed
