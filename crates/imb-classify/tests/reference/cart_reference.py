"""Trees of scikit-learn's DecisionTreeClassifier, which `Cart` must grow node by node.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python cart_reference.py

writes cart.json beside this file. scikit-learn breaks ties between columns at random, so every case is one
without ties: 30 random states give the same tree. All features are exact in single precision, to which
scikit-learn rounds them. A node is [column, threshold, rows of each class], a leaf [null, null, rows of
each class], in preorder, left before right.
"""

import json
from pathlib import Path

import numpy
import sklearn
from sklearn.tree import DecisionTreeClassifier


def main():
    reference = {"numpy": numpy.__version__, "scikit_learn": sklearn.__version__, "cases": list(cases())}
    text = json.dumps(reference, separators=(",", ":"))
    Path(__file__).with_name("cart.json").write_text(text.replace('{"name"', '\n{"name"') + "\n", encoding="utf-8")


def cases():
    yield case("one column, grown to the end", one_column)
    yield case("sparse, zeros between other values", sparse, min_samples_leaf=9)
    yield case("sparse, not negative", lambda generator: absolute(*sparse(generator)), min_samples_leaf=9)
    yield case("three classes", three_classes, min_samples_leaf=8)
    yield case("three classes, shallow", three_classes, max_depth=3)
    yield case("three classes, large nodes only", three_classes, min_samples_split=40, min_samples_leaf=5)


def one_column(generator):
    x = generator.integers(-20, 40, (200, 1)).astype(float)
    return x, (x[:, 0] + generator.normal(0, 12, 200) > 10).astype(int)


def sparse(generator):
    x = numpy.where(generator.random((240, 8)) < 0.3, sixteenths(generator, (240, 8)), 0.0)
    return x, (x[:, 1] + x[:, 4] - x[:, 6] + generator.normal(0, 0.5, 240) > 0.2).astype(int)


def absolute(x, y):
    return numpy.abs(x), y


def three_classes(generator):
    x = sixteenths(generator, (300, 6))
    return x, numpy.digitize(x[:, 0] - x[:, 3] + generator.normal(0, 0.6, 300), [-0.8, 0.7])


def sixteenths(generator, shape):
    """Normal numbers, rounded to multiples of 1/16."""
    return numpy.round(generator.normal(0, 1, shape) * 16) / 16


def case(name, make, **parameters):
    """The tree on the first data without ties."""
    for seed in range(1000):
        x, y = make(numpy.random.default_rng(seed))
        trees = [nodes(DecisionTreeClassifier(random_state=state, **parameters).fit(x, y)) for state in range(30)]
        if all(tree == trees[0] for tree in trees):
            return {"name": name, "parameters": parameters, "x": x.tolist(), "y": y.tolist(), "nodes": trees[0]}
    raise RuntimeError(f"{name}: every seed gives ties")


def nodes(classifier):
    tree = classifier.tree_
    counts = numpy.rint(tree.value[:, 0, :] * tree.n_node_samples[:, None]).astype(int).tolist()
    return [[int(column), float(threshold), rows] if column >= 0 else [None, None, rows]
            for column, threshold, rows in zip(tree.feature, tree.threshold, counts)]


if __name__ == "__main__":
    main()
