"""Reference values for Borderline-SMOTE, SVM-SMOTE and ADASYN, from imbalanced-learn and scikit-learn.

Writes samplers.json beside this file. For seven real data sets it holds the support vectors and some decision
values of the default SVC, and for each class that would grow the rows in danger, the noise, and ADASYN's
allocation, as computed by imbalanced-learn's own objects.

    pip install imbalanced-learn==0.14.2 scikit-learn==1.9.1
    python samplers_reference.py DATA_FOLDER

Among rows at equal distance, imbalanced-learn uses whichever its search finds first. It drops the first row
found as the query itself, which among duplicates may be another row. Rows whose region depends on that are
listed as `tied`, each with the fewest and the most rows of other classes that its nearest rows may include when
the query itself is left out.
"""

import json
import pathlib
import platform
import sys
from importlib.metadata import version

import numpy as np
from imblearn.over_sampling import ADASYN, SVMSMOTE, BorderlineSMOTE
from sklearn.svm import SVC

M = 10
K = 5
# Rows whose decision values are kept.
DECISIONS = 4


def read(folder, path, delimiter, first_column=0):
    lines = (folder / path).read_text().splitlines()
    cells = [line.split(delimiter) for line in lines if line.strip() and not line.startswith("@")]
    x = np.array([[float(cell) for cell in row[first_column:-1]] for row in cells])
    return x, np.array([row[-1].strip() for row in cells])


def gunzip(folder, path):
    import gzip

    rows = [line.split(",") for line in gzip.open(folder / path, "rt").read().split()]
    return np.array([[float(cell) for cell in row[:-1]] for row in rows]), np.array([row[-1] for row in rows])


DATA = {
    "ecoli4": lambda folder: read(folder, "ecoli4/ecoli4.dat", ","),
    "yeast-2_vs_4": lambda folder: read(folder, "yeast-2_vs_4/yeast-2_vs_4.dat", ","),
    "winequality-red-8_vs_6": lambda folder: read(
        folder, "winequality-red-8_vs_6/winequality-red-8_vs_6.dat", ","
    ),
    "pima": lambda folder: read(folder, "pima/pima-indians-diabetes.csv", ","),
    "haberman": lambda folder: read(folder, "haberman/haberman.csv", ","),
    "spambase": lambda folder: gunzip(folder, "spambase/spambase.data.gz"),
    "yeast-uci": lambda folder: read(folder, "yeast-uci/yeast.data", None, first_column=1),
}


def nearest_others(x, y, rows, of_class, k, found):
    """The fewest and the most rows of other classes among the k nearest others, for the rows for which they
    depend on ties or on which row is dropped as the query."""
    tied = []
    for row, neighbors in zip(rows, found):
        squared = ((x - x[row]) ** 2).sum(axis=1)
        others = np.delete(np.arange(len(x)), row)
        limit = np.sort(squared[others])[k - 1]
        tolerance = 1e-9 * limit + 1e-13 * (x[row] ** 2).sum()
        surely = others[squared[others] < limit - tolerance]
        perhaps = others[np.abs(squared[others] - limit) <= tolerance]
        other = lambda some: int((y[some] != of_class).sum())
        free = k - len(surely)
        fewest = other(surely) + max(0, free - (len(perhaps) - other(perhaps)))
        most = other(surely) + min(free, other(perhaps))
        if fewest != most or neighbors[0] != row:
            tied.append([int(row), fewest, most])
    return tied


def of_class(x, y, code, n_samples, borderline, svm_smote):
    rows = np.flatnonzero(y == code)
    nn_m = borderline.nn_m_.fit(x)
    sets = {
        kind: rows[borderline._in_danger_noise(nn_m, x[rows], code, y, kind=kind)].tolist()
        for kind in ("danger", "noise")
    }
    found = nn_m.kneighbors(x[rows], return_distance=False)
    assert borderline.in_danger_indices.get(code, np.array([], int)).tolist() == sets["danger"]
    support = np.intersect1d(svm_smote.svm_estimator_.support_, rows)
    noise = svm_smote._in_danger_noise(svm_smote.nn_m_.fit(x), x[support], code, y, kind="noise")
    return {
        "class": int(code),
        "asked": int(n_samples),
        **sets,
        "tied": nearest_others(x, y, rows, code, M, found),
        "support_noise": support[noise].tolist(),
        "adasyn": allocation(x, y, rows, code, n_samples),
    }


def allocation(x, y, rows, code, n_samples):
    adasyn = ADASYN(sampling_strategy={code: len(rows) + n_samples}, random_state=0, n_neighbors=K)
    try:
        resampled = adasyn.fit_resample(x, y)[1]
    except (ValueError, RuntimeError) as error:
        return {"refused": type(error).__name__}
    nn = adasyn.nn_.fit(x)
    found = nn.kneighbors(x[rows], return_distance=False)
    share = (y[found[:, 1:]] != code).sum(axis=1) / K
    given = np.rint(share / share.sum() * n_samples).astype(int)
    assert given.sum() == len(resampled) - len(y)
    return {
        "others": np.rint(share * K).astype(int).tolist(),
        "given": given.tolist(),
        "tied": nearest_others(x, y, rows, code, K, found),
    }


def data_set(name, x, texts):
    classes, y = np.unique(texts, return_inverse=True)
    if len(classes) == 2 and np.bincount(y)[0] < np.bincount(y)[1]:
        raise ValueError(f"{name}: the first class is the small one")
    svc = SVC(gamma="scale", decision_function_shape="ovo").fit(x, y)
    # The sets do not depend on k, and the smallest class of yeast-uci has only five rows.
    borderline, svm_smote = (sampler(random_state=0, k_neighbors=1) for sampler in (BorderlineSMOTE, SVMSMOTE))
    borderline.fit_resample(x, y)
    svm_smote.fit_resample(x, y)
    asked = {c: np.bincount(y).max() - n for c, n in enumerate(np.bincount(y)) if n < np.bincount(y).max()}
    values = svc.decision_function(x[:DECISIONS]).reshape(DECISIONS, -1)
    return {
        "name": name,
        "shape": list(x.shape),
        "class_counts": np.bincount(y).tolist(),
        "gamma": svc._gamma,
        "support": sorted(svc.support_.tolist()),
        # scikit-learn inverts the sign if there are two classes.
        "decision_values": (values if len(classes) > 2 else -values).tolist(),
        "classes": [of_class(x, y, code, n, borderline, svm_smote) for code, n in asked.items()],
    }


def main(folder):
    packages = ["imbalanced-learn", "scikit-learn", "numpy"]
    versions = {"python": platform.python_version(), **{name: version(name) for name in packages}}
    sets = [data_set(name, *load(folder)) for name, load in DATA.items()]
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in sets)
    text = f'{{\n"versions": {json.dumps(versions)},\n"data_sets": [\n{lines}\n]\n}}\n'
    pathlib.Path(__file__).with_name("samplers.json").write_text(text)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
