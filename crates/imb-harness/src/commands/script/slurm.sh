#!/bin/sh
# Runs @cells@ as an array of @parts@ tasks on Slurm and then checks that no record is missing.
# Written by `imb plan --script slurm`. Options given here are passed on to sbatch, such as --partition=NAME.
# To resume after a failure, run the script again: what is recorded is not run again.
set -eu
mkdir -p @logs@

# The largest index that the site accepts, plus one; a longer array is submitted in pieces.
most=$(scontrol show config | sed -n 's/^MaxArraySize *= *//p')
first=1
after=
while [ "$first" -le @parts@ ]; do
    count=$((@parts@ - first + 1))
    if [ "$count" -gt "${most:-1001}" ]; then
        count=${most:-1001}
    fi
    id=$(sbatch --parsable --job-name=imb --array="0-$((count - 1))" --ntasks=1 --cpus-per-task=1 \
        --time=@minutes@ --mem=@mib@M --output=@logs@/%A_%a.log --export="ALL,IMB_FIRST=$first" "$@" <<'TASK'
#!/bin/sh
exec @run@ --part "$((IMB_FIRST + SLURM_ARRAY_TASK_ID))/@parts@"
TASK
    )
    after="$after:${id%%;*}"
    first=$((first + count))
done

# Starts when all tasks have succeeded, and is withdrawn when one of them has not.
sbatch --parsable --job-name=imb-merge --dependency="afterok$after" --kill-on-invalid-dep=yes --ntasks=1 \
    --time=30 --mem=@mib@M --output=@logs@/%j.log "$@" <<'MERGE'
#!/bin/sh
set -e
@merge@
MERGE
