"""Reference values for the imputer and the scalers, from scikit-learn.

Run with scikit-learn 1.9.1 installed: python prepare_reference.py > prepare.json

Every table is drawn from continuous distributions, so no two distances are equal and the order of
ties cannot matter. Row numbers below `n_train` are the rows to fit on. A gap is null.
"""

import json
import platform
import sys

import numpy
import sklearn
from sklearn.impute import KNNImputer
from sklearn.preprocessing import MinMaxScaler, StandardScaler


def draw(seed, n_rows, n_columns, share_missing):
    """Columns on very different scales, with gaps and with one row that holds nothing at all."""
    rng = numpy.random.default_rng(seed)
    x = rng.normal(size=(n_rows, n_columns)) * 10.0 ** rng.integers(-2, 4, size=n_columns)
    x = numpy.round(x + rng.uniform(-5, 5, size=n_columns), 6)
    x[rng.random(x.shape) < share_missing] = numpy.nan
    x[-1, :] = numpy.nan
    return x


def with_gaps(matrix):
    return [[None if numpy.isnan(v) else float(v) for v in row] for row in matrix]


def case(seed, n_train, n_rows, n_columns, share_missing, k):
    x = draw(seed, n_rows, n_columns, share_missing)
    train = x[:n_train]
    standard = StandardScaler().fit(train)
    imputer = KNNImputer(n_neighbors=k).fit(standard.transform(train))
    return {
        "n_train": n_train,
        "k": k,
        "rows": with_gaps(x),
        "imputed": with_gaps(standard.inverse_transform(imputer.transform(standard.transform(x)))),
        "standardised": with_gaps(standard.transform(x)),
        "min_maxed": with_gaps(MinMaxScaler().fit(train).transform(x)),
    }


reference = {
    "versions": {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scikit-learn": sklearn.__version__,
    },
    "cases": [
        case(1, 30, 40, 4, 0.15, 2),
        case(2, 30, 40, 6, 0.5, 2),  # many rows share only a column or two
        case(3, 60, 80, 3, 0.3, 5),
        case(4, 8, 20, 3, 0.6, 4),  # fewer donors than asked for
    ],
}
json.dump(reference, sys.stdout, separators=(",", ":"))
print()
