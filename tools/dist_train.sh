#!/usr/bin/env bash
# Train in several processes: tools/dist_train.sh CONFIG GPUS [train.py's args]
#
# GPUS is the number of processes on this machine, one a GPU; without a GPU
# they are CPU processes. More machines: NNODES, NODE_RANK, MASTER_ADDR, PORT.
set -euo pipefail

if [ $# -lt 2 ]; then
    echo "Expected: $0 CONFIG GPUS [arguments of train.py]" >&2
    exit 2
fi

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# torchrun, by way of the Python that has mmscm
exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" \
    --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" \
    --master_port="${PORT:-29500}" \
    --nproc_per_node="$2" \
    -m mmscm train "$1" --launcher pytorch "${@:3}"
