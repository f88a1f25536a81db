# shellcheck shell=bash
# Sourced by the scripts here, which set OUT and NAMES first.
#
# Finished runs are skipped and interrupted ones go on, so a script can be
# given again at any time.
TOOLS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PYTHON=${PYTHON:-python}
# AMP= is float32; by default --amp where that is the faster one
FASTER='import torch; from mmscm.options import cpu_has_bfloat16
print("--amp" if torch.cuda.is_available() or cpu_has_bfloat16() else "")'
failed=()

train() { # NAME CONFIG [KEY=VALUE...]
    local name=$1 config=$2 folder=$OUT/$1
    shift 2
    [[ $name =~ $NAMES && ! -e $folder/finished ]] || return 0
    : "${AMP=$("$PYTHON" -c "$FASTER")}"
    echo "$name"
    mkdir -p "$folder"
    if {
        git rev-parse HEAD || true # the code that it starts with
        time "$PYTHON" "$TOOLS/train.py" "$config" --work-dir "$folder" \
            --resume auto ${AMP:+"$AMP"} --cfg-options \
            train_dataloader.num_workers=1 "$@"
    } >> "$folder/output.log" 2>&1; then
        touch "$folder/finished"
    else
        echo "failed, see $folder/output.log"
        failed+=("$name")
    fi
}

report_failed() {
    ((${#failed[@]} == 0)) && return
    echo "Not finished: ${failed[*]}" >&2
    exit 1
}
