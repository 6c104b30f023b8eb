"""imbalanced-learn's side of `cargo xtask bench samplers`, and its data.

  samplers.py make KIND N_ROWS N_FEATURES FILE      writes little-endian doubles, the class last
  samplers.py serve METHOD FILE N_ROWS N_FEATURES   prints its versions; answers `run` with seconds and rows,
                                                    `svm` with seconds and support vectors, and `memory` with
                                                    megabytes

KIND is `normal`, made here, or a data set below the folder in IMB_DATA.
"""

import csv
import gzip
import os
import pathlib
import sys
import time

import numpy as np

SEED = 20250102
# One row in this many belongs to the small class.
EVERY = 10


def normal(n_rows, n_features):
    rng = np.random.default_rng(SEED)
    classes = np.arange(n_rows) % EVERY == 0
    return rng.standard_normal((n_rows, n_features)) + classes[:, None], classes


def shuttle():
    """Shuttle's training rows; class 3 is the small one."""
    with gzip.open(data() / "shuttle/shuttle.trn.gz", "rt") as lines:
        cells = np.array([line.split() for line in lines], float)
    return cells[:, :-1], cells[:, -1] == 3


def credit():
    """Credit's rows, with the column's mean where a number is missing."""
    with gzip.open(data() / "credit/cs-training.csv.gz", "rt") as lines:
        rows = list(csv.reader(lines))[1:]
    cells = np.array([[float(cell) if cell not in ("NA", "") else np.nan for cell in row[1:]] for row in rows])
    x = cells[:, 1:]
    return np.where(np.isnan(x), np.nanmean(x, axis=0), x), cells[:, 0] == 1


def connect4():
    """Six tenths of the stand-in for Connect4, drawn without replacement; a draw is the small class."""
    with gzip.open(data() / "connect4/connect-4.tsv.gz", "rt") as lines:
        cells = np.array([line.split() for line in list(lines)[1:]], float)
    chosen = np.random.default_rng(SEED).permutation(len(cells))[: len(cells) * 6 // 10]
    classes, counts = np.unique(cells[:, -1], return_counts=True)
    return cells[chosen, :-1], cells[chosen, -1] == classes[counts.argmin()]


def data():
    return pathlib.Path(os.environ["IMB_DATA"])


def make(kind, n_rows, n_features, file):
    readers = {"shuttle": shuttle, "credit": credit, "connect4": connect4}
    rows, classes = normal(n_rows, n_features) if kind == "normal" else readers[kind]()
    assert rows.shape == (n_rows, n_features), rows.shape
    np.column_stack([rows, classes]).astype("<f8").tofile(file)


def peak_megabytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def serve(method, file, n_rows, n_features):
    import imblearn
    import sklearn
    from imblearn.over_sampling import ADASYN, SVMSMOTE, BorderlineSMOTE
    from sklearn.svm import SVC

    samplers = {"borderline_smote": BorderlineSMOTE, "svm_smote": SVMSMOTE, "adasyn": ADASYN}
    everything = np.fromfile(file, "<f8").reshape(n_rows, n_features + 1)
    rows, classes = everything[:, :-1].copy(), everything[:, -1].astype(int)
    print(f"imbalanced-learn {imblearn.__version__} (scikit-learn {sklearn.__version__})", flush=True)
    for seed, line in enumerate(sys.stdin):
        start = time.perf_counter()
        if line.strip() == "memory":
            print(peak_megabytes(), flush=True)
        elif line.strip() == "svm":
            n_support = len(SVC(gamma="scale").fit(rows, classes).support_)
            print(time.perf_counter() - start, n_support, flush=True)
        else:
            resampled = samplers[method](random_state=seed).fit_resample(rows, classes)[0]
            print(time.perf_counter() - start, len(resampled), flush=True)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    arguments = [int(word) if word.isdigit() else word for word in arguments]
    {"make": make, "serve": serve}[task](*arguments)
