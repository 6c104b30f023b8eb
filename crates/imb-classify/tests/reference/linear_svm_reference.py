"""Optima of liblinear's dual solver, which `LinearSvm` must reach within 1e-4 of the objective.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python linear_svm_reference.py

writes linear_svm.json beside this file. scikit-learn's LinearSVC(dual=True) is liblinear; it runs here to a
tolerance of 1e-9, far beyond its default. The objective of a machine is
1/2 |w|^2 + 1/2 b^2 + sum of c * weight * loss(y (w x + b)), with weight 1 for the other classes where there are
more than two, as in liblinear.
"""

import json
import warnings
from pathlib import Path

import numpy
import sklearn
from sklearn.svm import LinearSVC


def main():
    warnings.simplefilter("error")
    reference = {"numpy": numpy.__version__, "scikit_learn": sklearn.__version__, "cases": list(cases())}
    text = json.dumps(reference, separators=(",", ":"))
    path = Path(__file__).with_name("linear_svm.json")
    path.write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


def cases():
    generator = numpy.random.default_rng(11)
    dense = numpy.round(generator.normal(0, 1, (120, 5)), 3)
    noise = generator.normal(0, 1, 120)
    y = (dense[:, 0] - 2 * dense[:, 1] + noise > 0.5).astype(int)
    yield case("dense, overlapping", dense, y, 1.0)
    separable = numpy.round(dense + 4 * numpy.outer(y, [1, -1, 0, 0, 0]), 3)
    yield case("separable", separable, y, 10.0)
    sparse = numpy.where(generator.random((200, 40)) < 0.08, numpy.round(generator.random((200, 40)), 2), 0.0)
    rare = (sparse[:, :6].sum(axis=1) + generator.normal(0, 0.2, 200) > 0.9).astype(int)
    yield case("sparse, one class rare", sparse, rare, 1.0)
    yield case("sparse, weighted classes", sparse, rare, 0.5, {0: 0.5, 1: 8.0})
    classes = numpy.digitize(dense[:, 0] + noise / 3, [-0.6, 0.6])
    yield case("three classes, one weighted", dense, classes, 2.0, {1: 3.0})


def case(name, x, y, c, weights=None):
    weights = weights or {}
    objectives = {loss: objective_of_fit(x, y, c, weights, loss) for loss in ("hinge", "squared_hinge")}
    return {"name": name, "c": c, "weights": {str(key): value for key, value in weights.items()},
            "x": x.tolist(), "y": y.tolist(), "objectives": objectives}


def objective_of_fit(x, y, c, weights, loss):
    """The objective of each machine."""
    model = LinearSVC(C=c, loss=loss, dual=True, tol=1e-9, max_iter=10_000_000, random_state=0,
                      class_weight=weights or None).fit(x, y)
    classes = [1] if len(model.classes_) == 2 else list(model.classes_)
    prices = numpy.array([c * weights.get(int(row), 1.0) for row in y])
    found = []
    for number, cls in enumerate(classes):
        sign = numpy.where(y == cls, 1.0, -1.0)
        price = prices if len(classes) == 1 else numpy.where(y == cls, prices, c)
        w, b = model.coef_[number], model.intercept_[number]
        slack = numpy.maximum(0, 1 - sign * (x @ w + b))
        slack = slack if loss == "hinge" else slack**2
        found.append(float(0.5 * (w @ w + b * b) + price @ slack))
    return found


if __name__ == "__main__":
    main()
