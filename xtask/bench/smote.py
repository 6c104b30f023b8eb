"""imbalanced-learn's side of `cargo xtask bench smote`, and its data.

  smote.py make N_ROWS N_FEATURES FILE CSV    writes little-endian doubles, the class last, and the same as CSV
  smote.py serve FILE N_ROWS N_FEATURES       prints its versions; answers `run` with seconds
  smote.py table CSV OUT                      reads a table and writes the resampled one
"""

import sys
import time

import numpy as np

SEED = 20250102
# One row in this many belongs to the small class.
EVERY = 10


def make(n_rows, n_features, file, csv):
    import pandas as pd

    rng = np.random.default_rng(SEED)
    classes = (np.arange(n_rows) % EVERY == 0).astype(float)
    rows = rng.standard_normal((n_rows, n_features)) + classes[:, None]
    np.column_stack([rows, classes]).astype("<f8").tofile(file)
    table = pd.DataFrame(rows, columns=[f"x{column}" for column in range(n_features)])
    table["class"] = np.where(classes == 1, "rare", "often")
    table.to_csv(csv, index=False)


def serve(file, n_rows, n_features):
    import imblearn
    import sklearn
    from imblearn.over_sampling import SMOTE

    everything = np.fromfile(file, "<f8").reshape(n_rows, n_features + 1)
    rows, classes = everything[:, :-1].copy(), everything[:, -1].astype(int)
    print(f"imbalanced-learn {imblearn.__version__} (scikit-learn {sklearn.__version__})", flush=True)
    for seed, _ in enumerate(sys.stdin):
        start = time.perf_counter()
        SMOTE(random_state=seed).fit_resample(rows, classes)
        print(time.perf_counter() - start, flush=True)


def table(csv, out):
    import pandas as pd
    from imblearn.over_sampling import SMOTE

    everything = pd.read_csv(csv)
    rows, classes = SMOTE(random_state=1).fit_resample(everything.drop(columns="class"), everything["class"])
    rows["class"] = classes
    rows.to_csv(out, index=False)


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    arguments = [int(word) if word.isdigit() else word for word in arguments]
    {"make": make, "serve": serve, "table": table}[task](*arguments)
