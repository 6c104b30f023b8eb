"""PyTorch's side of `cargo xtask bench train`, and its data.

  train.py make N_ROWS N_FEATURES FILE                        writes little-endian floats, the class last
  train.py serve ADAM FILE N_ROWS N_FEATURES WIDTH,WIDTH,…    prints its versions; answers `run N` with seconds

ADAM is `eager` (a loop over the parameters, the default on a processor) or `fused`. It uses one thread.
"""

import sys
import time

import numpy as np

SEED = 20250103
BATCH_SIZE = 32


def make(n_rows, n_features, file):
    rng = np.random.default_rng(SEED)
    rows = rng.standard_normal((n_rows, n_features))
    classes = rows[:, :4].sum(axis=1) + rng.standard_normal(n_rows) > 2.5
    np.column_stack([rows, classes]).astype("<f4").tofile(file)


def serve(adam, file, n_rows, n_features, widths):
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(1)
    everything = torch.from_numpy(np.fromfile(file, "<f4").reshape(n_rows, n_features + 1))
    rows, classes = everything[:, :-1].contiguous(), everything[:, -1].long()
    print(f"PyTorch {torch.__version__}, {adam}", flush=True)

    def batches():
        while True:
            yield from torch.randperm(n_rows).split(BATCH_SIZE)

    def fresh():
        layers, n_inputs = [], n_features
        for width in map(int, str(widths).split(",")):
            layers += [nn.Linear(n_inputs, width), nn.ReLU()]
            n_inputs = width
        network = nn.Sequential(*layers, nn.Linear(n_inputs, 2))
        return network, torch.optim.Adam(network.parameters(), lr=1e-4, fused=adam == "fused")

    for line in sys.stdin:
        steps = int(line.split()[1])
        # A network that fits every row trains at another speed.
        network, optimizer = fresh()
        start = time.perf_counter()
        total = 0.0
        for _, batch in zip(range(steps), batches()):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(rows[batch]), classes[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        seconds = time.perf_counter() - start
        assert np.isfinite(total)
        print(seconds, flush=True)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    arguments = [int(word) if word.isdigit() else word for word in arguments]
    {"make": make, "serve": serve}[task](*arguments)
