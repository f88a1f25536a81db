# shellcheck shell=bash
# Sourced by the scripts here, which set OUT and NAMES first.
#
# Finished runs are skipped and interrupted ones go on, so a script can be
# given again at any time.
TOOLS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PYTHON=${PYTHON:-python}
# --amp where that is the faster one, AMP= for float32
FASTER='import torch; has = getattr(torch.cpu, "get_capabilities", dict)()
print("--amp" * bool(torch.cuda.is_available() or has.get("avx512_bf16")))'
read -ra AMP <<< "${AMP-$("$PYTHON" -c "$FASTER")}"
failed=()

train() { # NAME CONFIG [KEY=VALUE...]
    local name=$1 config=$2 folder=$OUT/$1
    shift 2
    [[ $name =~ $NAMES && ! -e $folder/finished ]] || return 0
    echo "$name"
    mkdir -p "$folder"
    if {
        git rev-parse HEAD || true # the code that it starts with
        time "$PYTHON" "$TOOLS/train.py" "$config" --work-dir "$folder" \
            --resume auto "${AMP[@]}" --cfg-options \
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
