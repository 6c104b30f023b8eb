"""PyTorch's side of `cargo xtask bench aemlo`: AEMLO's network and losses as the paper has them.

  aemlo.py FILE N_ROWS N_FEATURES N_LABELS eager|fused    prints its version; answers `run N` with the seconds
                                                           for N mini-batches, and with their mean loss

FILE holds little-endian floats: the features row after row, then the labels. The losses are written for speed:
products of n x n instead of l x l or of all pairs of rows, and the sum over pairs of labels as a product of two
sums. It uses one thread. `eager` is PyTorch's default Adam, `fused` the one with `fused=True`.
"""

import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import mse_loss

BATCH_SIZE, LATENT, HIDDEN = 128, 512, 512
ALPHA, BETA, ORTHONORMALITY = 1.0, 0.1, 0.1


def encoder(inputs):
    leaky = nn.LeakyReLU(0.01)
    return nn.Sequential(nn.Linear(inputs, HIDDEN), leaky, nn.Linear(HIDDEN, LATENT), leaky)


def departure(code, identity):
    return (code @ code.T - identity).square().sum() + code.shape[1] - len(code)


def distances(x):
    products = x @ x.T
    own = products.diagonal()
    return own[:, None] + own[None] - 2 * products


def loss_of(networks, x, y):
    fex, fey, fdx, fdy = networks
    n, identity = len(x), torch.eye(len(x))
    ex, ey = fex(x), fey(y)
    made, outputs = fdx(ex), fdy(ey)
    phi = (ex - ey).square().sum()
    phi = (phi + ORTHONORMALITY * (departure(ex, identity) + departure(ey, identity))) / n
    apart = (distances(made) - distances(x)).square().sum() / (n * (n - 1))
    positive, negative = y.sum(1), (1 - y).sum(1)
    pairs = (outputs.exp() * (1 - y)).sum(1) * ((-outputs).exp() * y).sum(1)
    gamma = (pairs / (positive * negative).clamp(min=1)).sum() / n
    return phi + ALPHA * (mse_loss(made, x) + apart) + BETA * gamma


def main(file, n_rows, n_features, n_labels, adam):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    numbers = torch.from_numpy(np.fromfile(file, "<f4"))
    rows = numbers[: n_rows * n_features].reshape(n_rows, n_features).contiguous()
    labels = numbers[n_rows * n_features :].reshape(n_rows, n_labels).contiguous()
    print(f"PyTorch {torch.__version__}", flush=True)
    for line in sys.stdin:
        left = steps = int(line.split()[1])
        networks = [
            encoder(n_features),
            encoder(n_labels),
            nn.Linear(LATENT, n_features),
            nn.Linear(LATENT, n_labels),
        ]
        parameters = [parameter for network in networks for parameter in network.parameters()]
        optimizer = torch.optim.Adam(parameters, lr=1e-4, fused=adam == "fused")
        total, start = torch.zeros(()), time.perf_counter()
        while left > 0:
            for batch in torch.randperm(n_rows).split(BATCH_SIZE)[:left]:
                if len(batch) == 1:
                    continue
                optimizer.zero_grad()
                loss = loss_of(networks, rows[batch], labels[batch])
                loss.backward()
                optimizer.step()
                total += loss.detach()
                left -= 1
        seconds = time.perf_counter() - start
        assert torch.isfinite(total)
        print(seconds, total.item() / steps, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
