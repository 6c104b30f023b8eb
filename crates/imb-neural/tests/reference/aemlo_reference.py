"""AEMLO's network and losses as the paper's text has them, in PyTorch: three steps of Adam and new rows.

    pip install torch==2.9.0 numpy
    python aemlo_reference.py > aemlo.json

Every loss is written as its equation reads, without the shortcuts of the Rust version: matrices of l x l,
differences of all pairs of rows, a loop over the pairs of labels. All inputs come from one integer formula,
`pattern`, so the file holds results only.
"""

import json
import math
import sys

import torch
from torch import nn

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

N_FEATURES, N_LABELS = 7, 5


def pattern(key, shape, amplitude):
    n = math.prod(shape)
    u = [(13 * i * i + 7919 * i + 4243 * key + 101) % 10007 for i in range(n)]
    values = [amplitude * ((2 * value - 10006) / 10006) for value in u]
    return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def linear(key, inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    with torch.no_grad():
        # The pattern fills (inputs, outputs), PyTorch keeps the transpose.
        layer.weight.copy_(pattern(key, (inputs, outputs), 1 / math.sqrt(inputs)).T)
        layer.bias.copy_(pattern(key + 1, (outputs,), 0.05))
    return layer


class Paper(nn.Module):
    """Two layers for each encoder, one for each decoder."""

    def __init__(self, latent, features, labels):
        super().__init__()
        leaky = nn.LeakyReLU(0.01)
        self.fex = nn.Sequential(linear(0, N_FEATURES, features), leaky, linear(2, features, latent), leaky)
        self.fey = nn.Sequential(linear(10, N_LABELS, labels), leaky, linear(12, labels, latent), leaky)
        self.fdy = linear(20, latent, N_LABELS)
        self.fdx = linear(30, latent, N_FEATURES)


def latent_loss(ex, ey, orthonormality):
    identity = torch.eye(ex.shape[1])
    c1, c2, c3 = ex - ey, ex.T @ ex - identity, ey.T @ ey - identity
    return torch.trace(c1.T @ c1) + orthonormality * torch.trace(c2.T @ c2 + c3.T @ c3)


def feature_loss(x, made, distances):
    n = len(x)
    before = ((x[:, None] - x[None]) ** 2).sum(2)
    after = ((made[:, None] - made[None]) ** 2).sum(2)
    return ((made - x) ** 2).mean() + distances * ((before - after) ** 2).sum() / (n * (n - 1))


def label_loss(outputs, y):
    total = torch.zeros(())
    for f, on in zip(outputs, y):
        positive, negative = f[on == 1], f[on == 0]
        if len(positive) and len(negative):
            pairs = torch.exp(-(positive[:, None] - negative[None]))
            total = total + pairs.sum() / (len(positive) * len(negative))
    return total


def checksums(model):
    return [
        [name, parameter.sum().item(), (parameter**2).sum().item()]
        for name, parameter in model.named_parameters()
    ]


x = pattern(1000, (9, N_FEATURES), 0.5) + 0.5
y = (pattern(1001, (9, N_LABELS), 1.0) > 0.2).double()
y[3] = 0
y[5] = 1


def run(sizes, rate, alpha, beta):
    model = Paper(*sizes)
    adam = torch.optim.Adam(model.parameters(), lr=rate)
    steps = []
    for _ in range(3):
        ex, ey = model.fex(x), model.fey(y)
        phi = latent_loss(ex, ey, 0.1) / len(x)
        psi = feature_loss(x, model.fdx(ex), 1.0)
        gamma = label_loss(model.fdy(ey), y) / len(x)
        adam.zero_grad()
        (phi + alpha * psi + beta * gamma).backward()
        adam.step()
        losses = [phi.item(), psi.item(), gamma.item()]
        steps.append({"losses": losses, "parameters": checksums(model)})
    with torch.no_grad():
        ex = model.fex(x)
        generated = [model.fdx(ex).tolist(), model.fdy(ex).tolist()]
    return {"sizes": sizes, "rate": rate, "alpha": alpha, "beta": beta, "steps": steps, "generated": generated}


def plain(sizes, rate):
    """An auto-encoder of the features alone, with the mean squared error."""
    model = Paper(*sizes)
    model = nn.Sequential(*model.fex, model.fdx)
    adam, error = torch.optim.Adam(model.parameters(), lr=rate), nn.MSELoss()
    steps = []
    for _ in range(20):
        loss = error(model(x), x)
        adam.zero_grad()
        loss.backward()
        adam.step()
        steps.append(loss.item())
    return {"sizes": sizes, "rate": rate, "losses": steps, "parameters": checksums(model)}


json.dump(
    {
        "made_by": f"aemlo_reference.py, torch {torch.__version__}, float64, one thread",
        "note": "sizes: latent, hidden units of the two encoders; losses: Phi, Psi, Gamma before the step; a parameter after it: [name, sum, sum of squares]",
        "labels": y.int().tolist(),
        "small": run([9, 8, 6], 1e-2, 2.0, 0.5),
        "paper": run([512, 512, 512], 1e-4, 1.0, 0.1),
        "plain": plain([9, 8, 6], 1e-2),
    },
    sys.stdout,
    indent=1,
)
