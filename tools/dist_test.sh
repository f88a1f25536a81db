#!/usr/bin/env bash
# Test in several processes:
# tools/dist_test.sh CONFIG CHECKPOINT GPUS [arguments of test.py]
#
# GPUS and the environment are those of dist_train.sh.
set -euo pipefail

if [ $# -lt 3 ]; then
    echo "Expected: $0 CONFIG CHECKPOINT GPUS [arguments of test.py]" >&2
    exit 2
fi

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# torchrun, by way of the Python that has mmscm
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" \
    --master_port="${PORT:-29500}" \
    --nproc_per_node="$3" \
    -m mmscm test "$1" "$2" --launcher pytorch "${@:4}"
