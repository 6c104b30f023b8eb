"""PyTorch's side of `cargo xtask bench moods`: the inner problem of the released code as a plain loop.

  moods.py FILE N_ROWS N_FEATURES      prints its version; answers `run N` with the seconds for N gradient steps

FILE holds little-endian floats, row by row, with the class as the last column. As in the released code, the
network has no activation after its first layer, the cross-entropy applies a second softmax to the network's
softmax, and the norm of the gradient is computed on the last batch of each epoch. It uses one thread.
"""

import sys
import time

import numpy as np
import torch
from torch import nn

BATCH_SIZE = 32


def main(file, n_rows, n_features):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    everything = torch.from_numpy(np.fromfile(file, "<f4").reshape(n_rows, n_features + 1))
    rows, classes = everything[:, :-1].contiguous(), everything[:, -1].long()
    layers = [nn.Linear(n_features, 256), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 2)]
    network = nn.Sequential(*layers, nn.Softmax(dim=1))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    print(f"PyTorch {torch.__version__}", flush=True)
    for line in sys.stdin:
        left = int(line.split()[1])
        start = time.perf_counter()
        while left > 0:
            for batch in torch.randperm(n_rows).split(BATCH_SIZE)[:left]:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(network(rows[batch]), classes[batch])
                loss.backward()
                optimizer.step()
                left -= 1
            norm = torch.sqrt(sum((parameter.grad**2).sum() for parameter in network.parameters())).item()
        seconds = time.perf_counter() - start
        assert np.isfinite(norm)
        print(seconds, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
