#!/bin/sh
# Runs @cells@ in @parts@ tasks, as many at a time as this machine has processors or as the first argument says, and
# then checks that no record is missing. A task takes up to @mib@ MiB of memory.
# Written by `imb plan --script local`. To resume, run the script again: what is recorded is not run again.
set -eu
at_a_time=${1:-$(getconf _NPROCESSORS_ONLN)}
seq @parts@ | xargs -P "$at_a_time" -I '{}' @run@ --part '{}/@parts@'
@merge@
