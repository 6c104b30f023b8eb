"""scikit-learn's side of `cargo xtask bench neighbors`, and its data.

  neighbors.py make KIND N_ROWS N_FEATURES FILE    writes little-endian doubles, row by row
  neighbors.py serve FILE N_ROWS N_FEATURES K      prints its versions; answers `run` and `save FILE`
  neighbors.py compare DATA N_ROWS N_FEATURES K ONE OTHER    prints the share of rows with the same neighbours
"""

import sys
import time

import numpy as np

SEED = 20250101
# The dimensions of the manifold, and the standard deviation of the noise around it.
INTRINSIC, NOISE = 6, 0.05


def make(kind, n_rows, n_features, file):
    rng = np.random.default_rng(SEED)
    if kind == "normal":
        points = rng.standard_normal((n_rows, n_features))
    else:
        place = rng.standard_normal((n_rows, INTRINSIC))
        points = place @ rng.standard_normal((INTRINSIC, n_features))
        points += NOISE * rng.standard_normal((n_rows, n_features))
    points.astype("<f8").tofile(file)


def read(file, n_rows, n_features):
    return np.fromfile(file, "<f8").reshape(n_rows, n_features)


def serve(file, n_rows, n_features, k):
    import os

    import sklearn
    from sklearn.neighbors import NearestNeighbors

    points = read(file, n_rows, n_features)
    threads = int(os.environ["OMP_NUM_THREADS"])
    print(f"scikit-learn {sklearn.__version__} (NumPy {np.__version__})", flush=True)
    found = None
    for line in sys.stdin:
        if line.strip() == "run":
            start = time.perf_counter()
            search = NearestNeighbors(n_neighbors=k, algorithm="auto", n_jobs=threads)
            # Without queries, it returns the neighbours of its own rows, each without the row itself.
            found = search.fit(points).kneighbors(return_distance=True)[1]
            print(time.perf_counter() - start, flush=True)
        else:
            found.astype("<u8").tofile(line.split(maxsplit=1)[1].rstrip("\n"))
            print("saved", flush=True)


def compare(data, n_rows, n_features, k, one, other):
    points = read(data, n_rows, n_features)
    one, other = (np.fromfile(file, "<u8").reshape(n_rows, k).astype(int) for file in (one, other))

    def distances(found):
        columns = (np.linalg.norm(points - points[found[:, place]], axis=1) for place in range(k))
        return np.sort(np.stack(list(columns), axis=1), axis=1)

    same_rows = (np.sort(one, axis=1) == np.sort(other, axis=1)).all(axis=1)
    same_distances = np.isclose(distances(one), distances(other), rtol=1e-9, atol=0).all(axis=1)
    print((same_rows | same_distances).mean())


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    arguments = [int(word) if word.isdigit() else word for word in arguments]
    {"make": make, "serve": serve, "compare": compare}[task](*arguments)
