"""The other libraries' side of `cargo xtask bench multi-label`.

  multi_label.py FILE N_TRAIN N_TEST N_FEATURES N_LABELS

reads little-endian doubles, the training rows before the test rows, each row's labels after its features, and
prints its versions. `run METHOD` is answered with seconds and a result, or with `missing` and the command that
installs what is missing:

  c45      J48 of Weka, by Weka's own clock, for the label with the most training rows; result: its leaves
  mlknn    MLkNN of scikit-multilearn-ng; result: micro F1 on the test rows
  br_svm   one LinearSVC of scikit-learn per label; result: micro F1 on the test rows

Weka is read from the file in WEKA_JAR, or from where Debian's package has it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import LinearSVC

WEKA = os.environ.get("WEKA_JAR", "/usr/share/java/weka.jar")


def java(*words):
    words = ["java", "-Xmx4g", "-cp", WEKA, *words]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def versions():
    ours = [f"{name} {version(name)}" for name in ("scikit-learn", "scikit-multilearn-ng")]
    weka = f"Weka {java('weka.core.Version').split()[0]}" if has_weka() else "Weka not installed"
    return ", ".join([*ours, weka])


def has_weka():
    return shutil.which("java") is not None and os.path.exists(WEKA)


def c45(train, test, file):
    if not has_weka():
        return "missing: apt-get install weka default-jre-headless"
    x, y = train
    arff = pathlib.Path(file).with_suffix(".arff")
    write_arff(arff, x, y[:, y.sum(axis=0).argmax()])
    # With `-v` it would not tell the seconds.
    said = java("weka.classifiers.trees.J48", "-C", "0.25", "-M", "2", "-no-cv", "-t", str(arff))
    seconds = re.search(r"Time taken to build model: ([\d.]+)", said)[1]
    leaves = re.search(r"Number of Leaves\s*:\s*(\d+)", said)[1]
    return f"{seconds} {leaves} leaves"


def write_arff(path, x, y):
    """The rows as an ARFF file. Columns of 0 and 1 are nominal, as they are in the file of bibtex."""
    nominal = np.isin(x, (0, 1)).all(axis=0)
    with open(path, "w") as file:
        file.write("@relation rows\n")
        for column, is_nominal in enumerate(nominal):
            file.write(f"@attribute x{column} {'{0,1}' if is_nominal else 'numeric'}\n")
        file.write("@attribute label {0,1}\n@data\n")
        for row, label in zip(x, y):
            file.write(",".join(f"{cell:.17g}" for cell in row) + f",{label}\n")


def mlknn(train, test, file):
    from skmultilearn.adapt import MLkNN

    def predictions():
        scaler = MinMaxScaler().fit(train[0])
        rows, others = (faster_form(scaler.transform(x)) for x in (train[0], test[0]))
        return MLkNN(k=10, s=1.0).fit(rows, train[1]).predict(others).toarray()

    return timed(predictions, test)


def br_svm(train, test, file):
    def predictions():
        machine = LinearSVC(loss="hinge", C=1.0, tol=1e-4, max_iter=1000)
        rows, others = (faster_form(x) for x in (train[0], test[0]))
        return OneVsRestClassifier(machine).fit(rows, train[1]).predict(others)

    return timed(predictions, test)


def faster_form(x):
    """A sparse matrix if most cells are 0, which takes scikit-learn less time."""
    return sparse.csr_matrix(x) if np.count_nonzero(x) < x.size / 2 else x


def timed(predictions, test):
    start = time.perf_counter()
    predicted = predictions()
    seconds = time.perf_counter() - start
    return f"{seconds} micro F1 {f1_score(test[1], predicted, average='micro'):.4f}"


def main(file, *counts):
    n_train, n_test, n_features, n_labels = map(int, counts)
    warnings.simplefilter("ignore", ConvergenceWarning)
    everything = np.fromfile(file, "<f8").reshape(n_train + n_test, n_features + n_labels)
    x, y = everything[:, :n_features].copy(), everything[:, n_features:].astype(int)
    train, test = (x[:n_train], y[:n_train]), (x[n_train:], y[n_train:])
    print(versions(), flush=True)
    for line in sys.stdin:
        method = {"c45": c45, "mlknn": mlknn, "br_svm": br_svm}[line.split()[1]]
        print(method(train, test, file), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
