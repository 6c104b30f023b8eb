"""PyTorch's side of `cargo xtask bench adversarial`: AO and DO as plain loops, one thread.

    adversarial.py METHOD N_MINORITY N_MAJORITY N_FEATURES BATCH

prints its version; answers `run N` with the seconds of N mini-batches. METHOD is ao or do. Fused Adam; generated
rows are made class by class; nothing in a step waits for a number to be read.
"""

import sys
import time

import torch
from torch.nn.functional import cross_entropy

torch.set_num_threads(1)
METHOD = sys.argv[1]
MINORITY, MAJORITY, N_FEATURES, BATCH = map(int, sys.argv[2:])
N_NOISE, N_CLASSES, PENALTY = 100, 2, 10.0
MIXED = 256 if BATCH > 256 else 1000
torch.manual_seed(1)
y = torch.cat([torch.ones(MINORITY), torch.zeros(MAJORITY)]).long()
x = torch.randn(MINORITY + MAJORITY, N_FEATURES) + 0.5 * y[:, None]
mixed = [x[y == c][:MIXED] for c in range(N_CLASSES)]
counts = torch.bincount(y).float()


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return layers


def adam(parameters, size, beta2):
    return torch.optim.Adam(parameters, lr=size, betas=(0.5, beta2), fused=True)


def leaky():
    return torch.nn.LeakyReLU(0.1)


q = torch.nn.Sequential(*mlp([N_FEATURES, 256, 128, 64, N_CLASSES], leaky)[:-1])
d = torch.nn.Sequential(*mlp([N_FEATURES + N_CLASSES, 256, 128, 1], leaky)[:-1])
body = torch.nn.Sequential(*mlp([N_NOISE + N_CLASSES, 256, 64], torch.nn.ReLU))
heads = torch.nn.ModuleList([torch.nn.Linear(64, len(rows)) for rows in mixed])
d_adam = adam(d.parameters(), 1e-4, 0.9)
q_adam = adam(q.parameters(), 2e-4, 0.999)
g_adam = adam([*body.parameters(), *heads.parameters()], 1e-4, 0.9)


def one_hot(labels):
    return torch.nn.functional.one_hot(labels, N_CLASSES).float()


def generate(labels):
    """Rows of these labels, which are in order."""
    hidden = body(torch.cat([torch.randn(len(labels), N_NOISE), one_hot(labels)], 1))
    sizes = torch.bincount(labels, minlength=N_CLASSES).tolist()
    parts = hidden.split(sizes)
    return torch.cat([torch.softmax(head(part), 1) @ rows for head, part, rows in zip(heads, parts, mixed)])


def draw(weights, n):
    return torch.multinomial(weights, n, replacement=True).sort().values


def complement_cross_entropy(logits, labels):
    others = logits.masked_fill(one_hot(labels).bool(), -torch.inf)
    return (logits.logsumexp(1) - others.logsumexp(1)).mean()


# What Q is shown, with which loss, and G's loss through Q.
if METHOD == "ao":
    q_weights, q_loss, g_loss = 1 / counts, cross_entropy, complement_cross_entropy
else:
    q_weights, q_loss, g_loss = torch.ones(N_CLASSES), complement_cross_entropy, cross_entropy


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def step(rows):
    rows = rows[y[rows].argsort()]
    real, labels = x[rows], y[rows]
    classes, n = one_hot(labels), len(rows)
    with torch.no_grad():
        fake = generate(labels)
    share = torch.rand(n, 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(d(torch.cat([between, classes], 1)).sum(), between, create_graph=True)
    penalty = ((gradient.norm(dim=1) - 1) ** 2).mean()
    distance = d(torch.cat([fake, classes], 1)).mean() - d(torch.cat([real, classes], 1)).mean()
    update(d_adam, distance + PENALTY * penalty)

    drawn = draw(q_weights, n)
    with torch.no_grad():
        fake = generate(drawn)
    update(q_adam, cross_entropy(q(real), labels) + q_loss(q(fake), drawn))

    drawn = draw(torch.ones(N_CLASSES), n)
    fake = generate(drawn)
    update(g_adam, g_loss(q(fake), drawn) - d(torch.cat([fake, one_hot(drawn)], 1)).mean())


print(f"PyTorch {torch.__version__}", flush=True)
for line in sys.stdin:
    left = int(line.split()[1])
    start = time.perf_counter()
    while left > 0:
        for rows in torch.randperm(len(y)).split(BATCH)[:left]:
            step(rows)
            left -= 1
    print(f"{time.perf_counter() - start:.6f}", flush=True)
