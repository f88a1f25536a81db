#!/usr/bin/env bash
# Train under slurm:
# tools/slurm_train.sh PARTITION JOB_NAME CONFIG [arguments of train.py]
#
# From the environment: GPUS (8), GPUS_PER_NODE (8, at most GPUS; 0 for CPU
# processes), CPUS_PER_TASK (5) and SRUN_ARGS (more options of srun).
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "Expected: $0 PARTITION JOB_NAME CONFIG [arguments of train.py]" >&2
    exit 2
fi

GPUS=${GPUS:-8}
GPUS_PER_NODE=${GPUS_PER_NODE:-$((GPUS < 8 ? GPUS : 8))}
read -ra MORE <<<"${SRUN_ARGS:-}"
RESOURCES=(--ntasks="$GPUS" --cpus-per-task="${CPUS_PER_TASK:-5}")
if [ "$GPUS_PER_NODE" -gt 0 ]; then
    RESOURCES+=(
        --gres=gpu:"$GPUS_PER_NODE" --ntasks-per-node="$GPUS_PER_NODE"
    )
fi

exec srun --partition="$1" --job-name="$2" "${RESOURCES[@]}" \
    --kill-on-bad-exit=1 ${MORE[@]+"${MORE[@]}"} \
    "${PYTHON:-python}" -u -m mmscm train "$3" --launcher slurm "${@:4}"
