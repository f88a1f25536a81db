#!/usr/bin/env bash
# Train the CNN rows on imagenette_wsol: cnn_rows.sh [WORK_DIR [NAMES]]
#
# EfficientNet-Lite0 from public weights at 224 px, the same schedule, order
# of the images and seed for all. Three learning rates, two epochs each: the
# one with the best GT-Known on val is the method's. A first epoch says how
# long the rest takes. Results: tools/test.py on the best checkpoint of each.
set -euo pipefail
OUT=${1:-work_dirs/cnn_rows}
NAMES=${2:-.}
# shellcheck source=SCRIPTDIR/train_runs.sh
source "$(dirname "${BASH_SOURCE[0]}")/train_runs.sh"
METHODS='cam has cutmix adl acol spg eil bgc bas'

for rate in 0.0003 0.0001 0.001; do
    for method in $METHODS; do
        train "${method}_lr$rate" \
            "configs/$method/efficientnet-lite0_imagenette.py" \
            optim_wrapper.optimizer.lr=$rate train_cfg.max_epochs=2 \
            param_scheduler.1.T_max=2 randomness.seed=0
    done
done
report_failed
