#!/bin/sh
# Runs @cells@ as an array of @parts@ tasks on a HyperQueue server that is running, and then checks that no record is
# missing. Needs the command `hq`, version 0.17 or newer; run_hyperqueue.py does the same from Python.
# Written by `imb plan --script hyperqueue`. Options given here are passed on to `hq submit`.
# To resume after a failure, run the script again: what is recorded is not run again.
set -eu
mkdir -p @logs@
id=$(hq --output-mode=quiet submit --name=imb --array=1-@parts@ --cpus=1 --resource mem=@mib@ \
    --time-request=@minutes@min --stdout=@logs@/hq-%{JOB_ID}-%{TASK_ID}.log --stderr=@logs@/hq-%{JOB_ID}-%{TASK_ID}.log \
    "$@" -- sh -c 'exec "$@" --part "$HQ_TASK_ID/@parts@"' sh @run@)
hq job wait "$id"
@merge@
