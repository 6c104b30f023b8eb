"""Row numbers of scikit-learn's splits, which the replay in src/split/ must give row by row.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1
    venv/bin/python split_reference.py

writes split.json beside this file. A list of row numbers is stored as its length, the SHA-256 of
its numbers (each as an unsigned 64-bit integer, little-endian, one after the other) and its first
and last ten numbers; lists of up to 60 numbers are stored whole as well. A released split is
stored as the SHA-256 of its train, validation and test rows in that order, each part as its length
followed by its rows, all numbers as above.
"""

import hashlib
import json
from pathlib import Path

import numpy
import sklearn
from sklearn.model_selection import KFold, ShuffleSplit, train_test_split


def main():
    reference = {
        "numpy": numpy.__version__,
        "scikit_learn": sklearn.__version__,
        "permutations": permutations(),
        "train_test_splits": train_test_splits(),
        "shuffle_splits": shuffle_splits(),
        "k_folds": k_folds(),
        "stratified_splits": stratified_splits(),
        "released_splits": released_splits(),
    }
    path = Path(__file__).with_name("split.json")
    path.write_text(one_case_a_line(reference), encoding="utf-8")


def permutations():
    """Two permutations in a row from one generator, and the raw 32-bit word after them."""
    cases = []
    for seed in (0, 1, 42, 5489, 2**31, 2**32 - 1):
        for n_rows in (1, 2, 3, 17, 50, 256, 257, 100_000):
            state = numpy.random.RandomState(seed)
            first, second = state.permutation(n_rows), state.permutation(n_rows)
            word = int.from_bytes(state.bytes(4), "little")
            cases.append({"seed": seed, "n_rows": n_rows, "permutations": [rows(first), rows(second)],
                          "next_word": word})
    return cases


def train_test_splits():
    """Every size and seed that the papers use, and a sweep over small tables."""
    used = [(335, 0.4, 2), (513, 0.4, 5), (655, 0.4, 0), (4177, 0.4, 10), (4177, 0.5, 10),
            (4600, 0.4, 0), (14499, 0.5, 1), (376640, 0.4, 1), (134, 0.5, 1002),
            (1567, 0.3, 42), (768, 0.2, 42), (306, 0.3, 42), (150000, 0.3, 42), (1484, 0.5, 42)]
    sweep = [(n_rows, size, seed) for n_rows in (2, 3, 10, 33, 60) for size in (0.25, 0.3, 0.5)
             for seed in (0, 7)]
    return [one_split(n_rows, size, seed) for n_rows, size, seed in used + sweep]


def one_split(n_rows, test_size, seed):
    train, test = train_test_split(numpy.arange(n_rows), test_size=test_size, random_state=seed)
    return {"n_rows": n_rows, "test_size": test_size, "seed": seed,
            "train": rows(train), "test": rows(test)}


def shuffle_splits():
    cases = []
    for n_rows, test_size, train_size, seed in ((20, 0.25, None, 3), (41, 0.1, 0.5, 0), (1000, 0.2, None, 9)):
        splitter = ShuffleSplit(n_splits=4, test_size=test_size, train_size=train_size, random_state=seed)
        splits = list(splitter.split(numpy.zeros(n_rows)))
        cases.append({"n_rows": n_rows, "test_size": test_size, "train_size": train_size, "seed": seed,
                      "splits": pairs(splits)})
    return cases


def k_folds():
    """A seed of null is the unshuffled splitter."""
    cases = []
    for n_rows, n_splits, seed in ((10, 5, 0), (23, 4, 1), (23, 4, None), (7, 7, 2), (1484, 5, 42)):
        splitter = KFold(n_splits=n_splits, shuffle=seed is not None, random_state=seed)
        cases.append({"n_rows": n_rows, "n_splits": n_splits, "seed": seed,
                      "splits": pairs(splitter.split(numpy.zeros(n_rows)))})
    return cases


def stratified_splits():
    """Row i has class (i * i + i // 3) mod n_classes."""
    cases = []
    for n_rows, n_classes in ((12, 2), (40, 3), (57, 4), (1000, 7)):
        numbers = numpy.arange(n_rows)
        y = (numbers * numbers + numbers // 3) % n_classes
        for test_size in (0.25, 0.4, 0.5):
            for seed in (0, 1, 42):
                train, test = train_test_split(numbers, test_size=test_size, random_state=seed, stratify=y)
                cases.append({"n_rows": n_rows, "n_classes": n_classes, "test_size": test_size,
                              "seed": seed, "train": rows(train), "test": rows(test)})
    return cases


def released_splits():
    """The calls of the code released with MOODS, on row numbers."""
    halved = {"ecoli": (335, 2, 1002), "yeast": (513, 5, 1005), "winequality": (655, 0, 1),
              "spambase": (4600, 0, 0), "connect4": (376640, 1, 1)}
    cases = {}
    for name, (n_rows, first, second) in halved.items():
        train, held_out = train_test_split(numpy.arange(n_rows), test_size=0.4, random_state=first)
        test, validation = train_test_split(held_out, test_size=0.5, random_state=second)
        cases[name] = released(train, validation, test)
    everything = numpy.arange(4177)
    train, _ = train_test_split(everything, test_size=0.4, random_state=10)
    test, validation = train_test_split(everything, test_size=0.5, random_state=10)
    cases["abalone"] = released(train, validation, test)
    test, validation = train_test_split(numpy.arange(43499, 57998), test_size=0.5, random_state=1)
    cases["shuttle"] = released(numpy.arange(43499), validation, test)
    return cases


def released(train, validation, test):
    digest = hashlib.sha256()
    for part in (train, validation, test):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(numpy.asarray(part).astype("<u8").tobytes())
    return {"lengths": [len(train), len(validation), len(test)], "sha256": digest.hexdigest()}


def pairs(splits):
    return [{"train": rows(train), "test": rows(test)} for train, test in splits]


def rows(numbers):
    numbers = numpy.asarray(numbers)
    listed = [int(number) for number in numbers]
    entry = {"length": len(listed), "sha256": hashlib.sha256(numbers.astype("<u8").tobytes()).hexdigest(),
             "first": listed[:10], "last": listed[-10:]}
    if len(listed) <= 60:
        entry["all"] = listed
    return entry


def one_case_a_line(reference):
    lines = []
    for name, value in reference.items():
        if isinstance(value, list):
            cases = ",\n".join("  " + compact(case) for case in value)
            lines.append(f"{compact(name)}: [\n{cases}\n ]")
        else:
            lines.append(f"{compact(name)}: {compact(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
