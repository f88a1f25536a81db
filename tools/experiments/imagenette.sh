#!/usr/bin/env bash
# Train the runs of docs/evidence_micro.md: imagenette.sh [WORK_DIR [NAMES]]
#
# Finished runs are skipped and interrupted ones go on, so the command can be
# given again at any time. NAMES is a regular expression; by default all runs
# are trained. The order is that of priority.
set -euo pipefail
OUT=${1:-work_dirs/evidence}
NAMES=${2:-.}
# shellcheck source=SCRIPTDIR/train_runs.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_runs.sh"
SCM=configs/scm/vit-micro_imagenette.py
TSCAM=configs/tscam/vit-micro_imagenette.py
RELEASED=configs/evidence/scm_released.py
# A vit-micro of 200 other ImageNet classes at 64 px (convert_released.py)
WEIGHTS=work_dirs/vit-micro_tinyimagenet.pth

tune() { # NAME CONFIG RATE EPOCHS SEED [KEY=VALUE...]: from the start
    train "$1" "$2" load_from="$OUT/start/epoch_8.pth" \
        optim_wrapper.optimizer.lr="$3" train_cfg.max_epochs="$4" \
        param_scheduler.1.T_max="$4" randomness.seed="$5" "${@:6}"
}

ablation() { # NAME CONFIG [KEY=VALUE...]: one epoch, one seed, judged on val
    tune "ablation_$1" "$2" 0.001 1 0 "${@:3}"
}

train start configs/evidence/start.py load_from=$WEIGHTS randomness.seed=26

# The same budget for both: three learning rates, two epochs, seed 0
for rate in 0.0003 0.0001 0.001; do
    tune tscam_lr${rate}_seed0 $TSCAM $rate 2 0
    tune scm_lr${rate}_seed0 $SCM $rate 2 0
done
# The best of them on val for each method
for seed in 1 2; do
    tune tscam_lr0.0003_seed$seed $TSCAM 0.0003 2 $seed
    tune scm_lr0.001_seed$seed $SCM 0.001 2 $seed
done
for seed in 0 1 2; do
    tune released_lr0.001_seed$seed $RELEASED 0.001 2 $seed
done

# With the neck from the beginning; other orders of the images and crops
train start-scm configs/evidence/start_scm.py load_from=$WEIGHTS randomness.seed=26
for seed in 1 2; do
    for run in start start-scm; do
        train ${run}_seed$seed configs/evidence/${run/-/_}.py load_from=$WEIGHTS \
            randomness.seed=$seed
    done
done
# Half as long
short=(train_cfg.max_epochs=4 param_scheduler.1.T_max=4 randomness.seed=0)
train weights-scm_seed0 configs/evidence/start_scm.py load_from=$WEIGHTS "${short[@]}"
train weights-tscam_seed0 configs/evidence/start.py load_from=$WEIGHTS "${short[@]}"

ablation tscam $TSCAM
ablation scm $SCM
ablation blocks-0 $SCM model.neck.num_blocks=0
ablation detach-off $SCM model.neck.detach_init=False
ablation no-residual $SCM model.neck.with_residual=False
ablation no-filter $SCM model.neck.with_filter=False
ablation lambda-0 $SCM model.neck.learn_lambda=False model.neck.init_lambda=0.0
for count in 1 2 6; do
    ablation blocks-$count $SCM model.neck.num_blocks=$count
done
for steps in 2 6; do
    ablation p-$steps $SCM model.neck.num_iters=$steps
done
for count in 3 5; do
    ablation blocks-$count $SCM model.neck.num_blocks=$count
done
# alpha large enough that p = 4 steps leave their first order
ablation alpha-2 $SCM model.neck.init_scale=2.0

# The long pair at 64 px: 8 x 8 patches instead of 14 x 14
small=(randomness.seed=26 model.backbone.img_size=64
    train_dataloader.dataset.pipeline.1.scale=64
    'val_dataloader.dataset.pipeline.1.scale=(64,64)'
    'test_dataloader.dataset.pipeline.1.scale=(64,64)')
train start-64px configs/evidence/start.py load_from=$WEIGHTS "${small[@]}"
train start-scm-64px configs/evidence/start_scm.py load_from=$WEIGHTS "${small[@]}"
report_failed
