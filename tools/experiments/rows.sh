#!/usr/bin/env bash
# Train the rows of docs/comparison.md: rows.sh [WORK_DIR [NAMES]]
#
# DeiT-T and EfficientNet-Lite0 from public weights on imagenette_wsol at 224
# px; all rows see the same images in the same order. A small budget, for a
# CPU: every fifth image, once, in batches of 32. More with EVERY=1 EPOCHS=5.
# DEIT=FILE starts DeiT-T from other weights than the config's; those of the
# tables are timm's fb_in1k, converted by convert_released.py.
set -euo pipefail
OUT=${1:-work_dirs/rows}
NAMES=${2:-.}
EVERY=${EVERY:-5}
EPOCHS=${EPOCHS:-1}
DEIT_TIMM=${DEIT_TIMM:-public://timm/deit_tiny_patch16_224.fb_in1k}
# shellcheck source=SCRIPTDIR/train_runs.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_runs.sh"
weights=() # of DeiT-T
[[ -z ${DEIT:-} ]] || weights=(model.backbone.init_cfg.checkpoint="$DEIT")
budget=(
    "train_dataloader.dataset.indices=[$(seq -s, 0 "$EVERY" 12893)]"
    train_dataloader.batch_size=32
    train_cfg.max_epochs="$EPOCHS"
    param_scheduler.0.end=20 # iterations of warm-up
    param_scheduler.1.T_max="$EPOCHS"
)

deit() { # METHOD RATE SEED
    train "$1_lr$2_seed$3" "configs/$1/deit-t_imagenette.py" \
        optim_wrapper.optimizer.lr="$2" randomness.seed="$3" \
        "${weights[@]}" "${budget[@]}"
}

ablation() { # NAME KEY=VALUE...: judged on val
    train "ablation_$1" configs/scm/deit-t_imagenette.py \
        optim_wrapper.optimizer.lr=0.0001 randomness.seed=0 \
        "${weights[@]}" "${budget[@]}" "${@:2}"
}

cnn() { # METHOD RATE SEED [KEY=VALUE...]
    train "$1_lr$2_seed$3" "configs/$1/efficientnet-lite0_imagenette.py" \
        optim_wrapper.optimizer.lr="$2" randomness.seed="$3" "${budget[@]}" \
        "${@:4}"
}

for seed in 0 1 2; do
    for rate in 0.0001 0.0003; do
        deit scm $rate $seed
        deit tscam $rate $seed
    done
done
deit sat 0.0001 0
deit lctr 0.0001 0
train trilite_lr0.001_seed0 configs/trilite/deit-t_imagenette.py \
    randomness.seed=0 model.backbone.pretrained=False \
    load_from="$DEIT_TIMM" \
    "${budget[@]:0:3}"
for method in cam has cutmix adl acol spg eil bgc bas; do
    cnn $method 0.0003 0
done

# Later: two epochs or more, some begin after the first
for method in da-wsol spa i2c c2am spol; do
    cnn $method 0.0003 0
done
weights_of() { # RUN: its last
    echo "$OUT/$1_lr0.0003_seed0/epoch_$EPOCHS.pth"
}
cnn gc-net 0.0003 0 \
    model.classifier.init_cfg.checkpoint="$(weights_of cam)"
masks=spol-masks_lr0.0003_seed0
if [[ $masks =~ $NAMES && ! -e $OUT/$masks/finished ]]; then
    "$PYTHON" "$TOOLS/pseudo_masks.py" \
        configs/spol/efficientnet-lite0_imagenette.py "$(weights_of spol)" \
        --out-dir "$OUT/masks" --cfg-options "${budget[0]}" ||
        echo "no masks of $masks" >&2 # and the training says which
fi
train $masks configs/spol/efficientnet-lite0_imagenette_masks.py \
    optim_wrapper.optimizer.lr=0.0003 randomness.seed=0 "${budget[@]}" \
    train_dataloader.dataset.pipeline.2.folder="$OUT/masks"

# Learning rates, chosen on val
deit scm 0.00003 0
deit tscam 0.00003 0
for method in cam has cutmix adl acol spg eil bgc bas; do
    cnn $method 0.001 0
    cnn $method 0.0001 0
done

# SCM as released (p = 16 in the first block) and its parts
for seed in 0 1 2; do
    train released_lr0.0001_seed$seed configs/evidence/scm_released_deit-t.py \
        optim_wrapper.optimizer.lr=0.0001 randomness.seed=$seed \
        "${weights[@]}" "${budget[@]}"
done
ablation detach-off model.neck.detach_init=False
ablation no-residual model.neck.with_residual=False
ablation no-filter model.neck.with_filter=False
ablation lambda-0 model.neck.learn_lambda=False model.neck.init_lambda=0.0
ablation alpha-2 model.neck.init_scale=2.0 # p = 4 steps diffuse
for count in 1 2 6 3 5; do
    ablation blocks-$count model.neck.num_blocks=$count
done
for steps in 2 6 8; do
    ablation p-$steps model.neck.num_iters=$steps
done
report_failed
