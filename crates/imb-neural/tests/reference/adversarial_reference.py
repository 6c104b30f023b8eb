"""AO and DO written in PyTorch: three mini-batches on fixed weights, noise, labels and rows.

    pip install torch==2.9.0 numpy
    python adversarial_reference.py > adversarial.json

Everything comes from one integer formula, `pattern`, so the file holds results only. The gradient penalty
takes the derivative of the critic by automatic differentiation, as papers describe it; nothing in a step
waits for a number to be read.
"""

import json
import math
import sys

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

N_FEATURES, N_NOISE, PENALTY = 5, 4, 10.0
CLASS_SIZES = [3, 5, 7]
N_CLASSES, N_ROWS = len(CLASS_SIZES), sum(CLASS_SIZES)
CLASSES = [0] * 3 + [1] * 5 + [2] * 7
# Row numbers of each mini-batch, in order of their class.
BATCHES = [[0, 3, 4, 8, 9, 10], [1, 2, 5, 11, 12], [6, 7, 13, 14]]
# Classes of the rows that Q and G see, in order.
Q_LABELS = [[0, 0, 0, 1, 1, 2], [0, 0, 1, 2, 2], [0, 1, 1, 1]]
G_LABELS = [[0, 0, 1, 1, 2, 2], [1, 1, 1, 2, 2], [0, 1, 2, 2]]


def pattern(key, shape, amplitude):
    n = math.prod(shape)
    u = [(13 * i * i + 7919 * i + 4243 * key + 101) % 10007 for i in range(n)]
    values = [amplitude * ((2 * value - 10006) / 10006) for value in u]
    return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def layers(key, sizes):
    """Weights (inputs, outputs) and biases in turn."""
    parameters = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        parameters.append(pattern(key, (inputs, outputs), 1 / math.sqrt(inputs)))
        parameters.append(pattern(key + 1, (outputs,), 0.05))
        key += 2
    return [parameter.requires_grad_() for parameter in parameters]


def dense(parameters, x, slope, last=True):
    pairs = list(zip(parameters[::2], parameters[1::2]))
    for number, (weight, bias) in enumerate(pairs):
        x = x @ weight + bias
        if not (last and number == len(pairs) - 1):
            x = torch.nn.functional.leaky_relu(x, slope)
    return x


def one_hot(labels):
    return torch.nn.functional.one_hot(torch.tensor(labels), N_CLASSES).double()


def cross_entropy(logits, labels):
    return torch.nn.functional.cross_entropy(logits, torch.tensor(labels))


def complement_cross_entropy(logits, labels):
    """-log(1 - Q): stable, from logits."""
    others = logits.masked_fill(one_hot(labels).bool(), -math.inf)
    return (logits.logsumexp(1) - others.logsumexp(1)).mean()


def run(q_on_generated, g_through_q):
    x = pattern(1000, (N_ROWS, N_FEATURES), 1.5)
    q = layers(0, [N_FEATURES, 8, 7, 6, N_CLASSES])
    d = layers(100, [N_FEATURES + N_CLASSES, 10, 6, 1])
    body = layers(200, [N_NOISE + N_CLASSES, 9, 5])
    heads = [layers(300 + 10 * c, [5, size]) for c, size in enumerate(CLASS_SIZES)]
    g = body + [parameter for head in heads for parameter in head]
    rows = [[row for row in range(N_ROWS) if CLASSES[row] == c] for c in range(N_CLASSES)]

    def generate(labels, key):
        noise = pattern(key, (len(labels), N_NOISE), 1.7)
        hidden = dense(body, torch.cat([noise, one_hot(labels)], 1), 0.0, last=False)
        made = []
        for place, label in enumerate(labels):
            weights = torch.softmax(dense(heads[label], hidden[place : place + 1], 1.0), 1)
            made.append(weights @ x[rows[label]])
        return torch.cat(made)

    critic_adam = torch.optim.Adam(d, lr=1e-2, betas=(0.5, 0.9), eps=1e-8, fused=True)
    q_adam = torch.optim.Adam(q, lr=2e-2, betas=(0.5, 0.999), eps=1e-8, fused=True)
    g_adam = torch.optim.Adam(g, lr=1e-2, betas=(0.5, 0.9), eps=1e-8, fused=True)
    steps = []
    for number, batch in enumerate(BATCHES):
        real, labels = x[batch], [CLASSES[row] for row in batch]
        classes = one_hot(labels)
        with torch.no_grad():
            fake = generate(labels, 2000 + 10 * number)
        share = pattern(2001 + 10 * number, (len(batch), 1), 0.5) + 0.5
        between = (share * real + (1 - share) * fake).requires_grad_()
        value = dense(d, torch.cat([between, classes], 1), 0.1).sum()
        (gradient,) = torch.autograd.grad(value, between, create_graph=True)
        penalty = ((gradient.norm(dim=1) - 1) ** 2).mean()
        critic = (
            dense(d, torch.cat([fake, classes], 1), 0.1).mean()
            - dense(d, torch.cat([real, classes], 1), 0.1).mean()
            + PENALTY * penalty
        )
        critic_adam.zero_grad()
        critic.backward()
        critic_adam.step()

        q_labels = Q_LABELS[number]
        with torch.no_grad():
            fake = generate(q_labels, 2002 + 10 * number)
        classifier = cross_entropy(dense(q, real, 0.1), labels)
        classifier = classifier + q_on_generated(dense(q, fake, 0.1), q_labels)
        q_adam.zero_grad()
        classifier.backward()
        q_adam.step()

        g_labels = G_LABELS[number]
        fake = generate(g_labels, 2003 + 10 * number)
        value = dense(d, torch.cat([fake, one_hot(g_labels)], 1), 0.1).mean()
        generator = g_through_q(dense(q, fake, 0.1), g_labels) - value
        g_adam.zero_grad()
        generator.backward()
        g_adam.step()

        checksum = lambda parameters: [[p.sum().item(), (p * p).sum().item()] for p in parameters]
        steps.append(
            {
                "losses": [critic.item(), classifier.item(), generator.item()],
                "critic": checksum(d),
                "classifier": checksum(q),
                "generator": checksum(g),
            }
        )
    return steps


json.dump(
    {
        "made_by": f"adversarial_reference.py, torch {torch.__version__}, float64, one thread",
        "note": "sum and sum of squares of each parameter after each mini-batch; losses are critic, classifier, generator",
        "ao": run(cross_entropy, complement_cross_entropy),
        "do": run(complement_cross_entropy, cross_entropy),
    },
    sys.stdout,
    indent=1,
)
