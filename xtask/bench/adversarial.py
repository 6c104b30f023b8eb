"""Seconds that AO takes in PyTorch, one thread: the other side of `examples/adversarial_bench.rs`.

    python adversarial_bench.py N_MINORITY N_MAJORITY N_FEATURES BATCH STEPS

Fused Adam; generated rows are made class by class; nothing in a step waits for a number to be read.
"""

import sys
import time

import torch

torch.set_num_threads(1)
MINORITY, MAJORITY, N_FEATURES, BATCH, STEPS = map(int, sys.argv[1:])
N_NOISE, N_CLASSES, PENALTY = 100, 2, 10.0
MIXED = 256 if BATCH > 256 else 1000
torch.manual_seed(1)
y = torch.cat([torch.ones(MINORITY), torch.zeros(MAJORITY)]).long()
x = torch.randn(MINORITY + MAJORITY, N_FEATURES) + 0.5 * y[:, None]
mixed = [x[y == c][:MIXED] for c in range(N_CLASSES)]


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), activation()]
    return layers


leaky = lambda: torch.nn.LeakyReLU(0.1)
q = torch.nn.Sequential(*mlp([N_FEATURES, 256, 128, 64, N_CLASSES], leaky)[:-1])
d = torch.nn.Sequential(*mlp([N_FEATURES + N_CLASSES, 256, 128, 1], leaky)[:-1])
body = torch.nn.Sequential(*mlp([N_NOISE + N_CLASSES, 256, 64], torch.nn.ReLU))
heads = torch.nn.ModuleList([torch.nn.Linear(64, len(rows)) for rows in mixed])
d_adam = torch.optim.Adam(d.parameters(), lr=1e-4, betas=(0.5, 0.9), fused=True)
q_adam = torch.optim.Adam(q.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
g_adam = torch.optim.Adam([*body.parameters(), *heads.parameters()], lr=1e-4, betas=(0.5, 0.9), fused=True)
counts = torch.bincount(y).float()


def one_hot(labels):
    return torch.nn.functional.one_hot(labels, N_CLASSES).float()


def generate(labels):
    """Labels are in order."""
    hidden = body(torch.cat([torch.randn(len(labels), N_NOISE), one_hot(labels)], 1))
    sizes = torch.bincount(labels, minlength=N_CLASSES).tolist()
    parts = hidden.split(sizes)
    return torch.cat([torch.softmax(head(part), 1) @ rows for head, part, rows in zip(heads, parts, mixed)])


def draw(weights, n):
    return torch.multinomial(weights, n, replacement=True).sort().values


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
    loss = d(torch.cat([fake, classes], 1)).mean() - d(torch.cat([real, classes], 1)).mean() + PENALTY * penalty
    d_adam.zero_grad()
    loss.backward()
    d_adam.step()

    drawn = draw(1 / counts, n)
    with torch.no_grad():
        fake = generate(drawn)
    loss = torch.nn.functional.cross_entropy(q(real), labels) + torch.nn.functional.cross_entropy(q(fake), drawn)
    q_adam.zero_grad()
    loss.backward()
    q_adam.step()

    drawn = draw(torch.ones(N_CLASSES), n)
    fake, classes = generate(drawn), one_hot(drawn)
    logits = q(fake)
    others = logits.masked_fill(classes.bool(), -torch.inf)
    loss = (logits.logsumexp(1) - others.logsumexp(1)).mean() - d(torch.cat([fake, classes], 1)).mean()
    g_adam.zero_grad()
    loss.backward()
    g_adam.step()


for _ in range(2):
    start, done = time.perf_counter(), 0
    while done < STEPS:
        for rows in torch.randperm(len(y)).split(BATCH):
            step(rows)
            done += 1
            if done == STEPS:
                break
    print(f"{time.perf_counter() - start:.6f}")
