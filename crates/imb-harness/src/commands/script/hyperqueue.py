"""Runs @cells@ in @parts@ tasks on HyperQueue and then checks that no record is missing.

    python run_hyperqueue.py [SERVER_DIR]     on a server that is running, by default that of the user
    python run_hyperqueue.py --local CORES    on a server and a worker that it starts on this machine

Written by `imb plan --script hyperqueue`. Needs `pip install hyperqueue`. To resume after a failure, run it again: what
is recorded is not run again.
"""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from hyperqueue import Client, Job
from hyperqueue.cluster import LocalCluster, WorkerConfig
from hyperqueue.ffi.protocol import ResourceRequest

RUN = @run@
MERGE = @merge@
LOGS = Path(@logs@)
PARTS = @parts@
MEBIBYTES = @mib@
TIME = timedelta(minutes=@minutes@)


def run(client, resources):
    """Runs all parts, each of which writes what it says into a file of its own."""
    LOGS.mkdir(parents=True, exist_ok=True)
    job = Job(name="imb", max_fails=None)
    for part in range(1, PARTS + 1):
        log = str(LOGS / f"part-{part}.log")
        words = [*RUN, "--part", f"{part}/{PARTS}"]
        needs = ResourceRequest(cpus=1, resources=dict(resources), min_time=TIME)
        job.program(words, name=f"part {part}", stdout=log, stderr=log, resources=needs)
    client.wait_for_jobs([client.submit(job)])


def main(words):
    if words[:1] == ["--local"]:
        # A worker that Python starts knows its processors and nothing of its memory.
        with LocalCluster(worker_config=WorkerConfig(cores=int(words[1]))) as cluster:
            run(cluster.client(), {})
    else:
        run(Client(*words), {"mem": MEBIBYTES})
    for words in MERGE:
        subprocess.run(words, check=True)


main(sys.argv[1:])
