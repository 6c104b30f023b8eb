"""Reference values for the metrics and tests of imb-metrics, from the standard implementations.

Writes single_label.json, scores.json, multi_label.json and rank.json beside this file: 1,000 random
cases, degenerate ones among them, with the versions that made them. Scores are whole numbers over a
stated scale, so that both sides divide to the same f64; values have 15 digits.

    pip install scikit-learn==1.9.1 scipy==1.17.1 scikit-posthocs==0.17.1 autorank==1.3.0
    python metrics_reference.py

What no library offers is written here from its definition, by loops over pairs: the AUC in which a
tie is a win, one-error, the calibration error, the geometric mean, Iman and Davenport's F.
"""

import json
import pathlib
import platform
import warnings
from importlib.metadata import version

import numpy as np
import scipy.stats as st
import sklearn.metrics as skm
from autorank._util import _critical_distance
from scikit_posthocs import posthoc_nemenyi_friedman
from statsmodels.stats.multitest import multipletests

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20240917)


def digits(value):
    """15 digits; None where the value is undefined."""
    value = float(value)
    return None if np.isnan(value) else float(f"{value:.15g}")


def all_digits(values):
    return [digits(value) for value in values]


def text(bits):
    return "".join(str(int(bit)) for bit in bits)


# --- single-label: predicted classes ---------------------------------------------------------------


def single_label_case(index):
    n_classes = int(rng.integers(2, 6))
    n_rows = int(rng.integers(1, 25))
    share = rng.dirichlet(np.full(n_classes, 0.6))
    truth = rng.choice(n_classes, n_rows, p=share)
    predicted = np.where(rng.random(n_rows) < 0.6, truth, rng.integers(0, n_classes, n_rows))
    kind = index % 10
    if kind == 0:
        truth[:] = rng.integers(n_classes)
    elif kind == 1:
        predicted[:] = rng.integers(n_classes)
    elif kind == 2:
        predicted = truth.copy()
    elif kind == 3:
        predicted = (truth + 1) % n_classes
    elif kind == 4:
        truth = np.minimum(truth, n_classes - 2)
    labels = np.arange(n_classes)
    precision, recall, f1, support = skm.precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0
    )
    present = support > 0
    minority = min(labels[present], key=lambda c: (support[c], c))
    majority = max(labels[present], key=lambda c: (support[c], c))
    return {
        "n_classes": n_classes,
        "truth": text(truth),
        "predicted": text(predicted),
        "matrix": skm.confusion_matrix(truth, predicted, labels=labels).tolist(),
        "precision": all_digits(precision),
        "recall": all_digits(recall),
        "f1": all_digits(f1),
        "macro_f1": digits(skm.f1_score(truth, predicted, labels=labels, average="macro", zero_division=0)),
        "minority_f1": digits(f1[minority]),
        "majority_f1": digits(f1[majority]),
        "acsa": digits(skm.balanced_accuracy_score(truth, predicted)),
        "geometric_mean": digits(st.gmean(recall[present])),
        "accuracy": digits(skm.accuracy_score(truth, predicted)),
    }


# --- single-label: scores --------------------------------------------------------------------------


def probabilities(n_rows, n_classes, scale):
    """Whole numbers that add up to the scale in each row."""
    cuts = np.sort(rng.integers(0, scale + 1, (n_rows, n_classes - 1)), axis=1)
    edges = np.hstack([np.zeros((n_rows, 1), int), cuts, np.full((n_rows, 1), scale)])
    return np.diff(edges, axis=1)


def calibration_error(truth, shares, n_bins):
    predicted, confidence = shares.argmax(axis=1), shares.max(axis=1)
    total = 0.0
    for b in range(n_bins):
        low, high = b / n_bins, (b + 1) / n_bins
        inside = (confidence > low) & (confidence <= high)
        if b == 0:
            inside |= confidence == 0
        if inside.any():
            right = (predicted == truth)[inside].mean()
            total += inside.mean() * abs(right - confidence[inside].mean())
    return total


def scores_case(index):
    n_classes = 2 if index < 175 else int(rng.integers(3, 5))
    n_rows = int(rng.integers(1, 16))
    scale = int(rng.choice([2, 10, 100, 1000]))
    truth = rng.integers(0, n_classes, n_rows)
    whole = probabilities(n_rows, n_classes, scale)
    kind = index % 10
    if kind == 0:
        truth[:] = rng.integers(n_classes)
    elif kind == 1:
        whole[:] = whole[0]
    elif kind == 2:
        truth = np.minimum(truth, n_classes - 2)
    elif kind == 3:
        whole = np.eye(n_classes, dtype=int)[truth] * scale
    elif kind == 4:
        whole = np.eye(n_classes, dtype=int)[rng.integers(0, n_classes, n_rows)] * scale
    shares = whole / scale
    labels = np.arange(n_classes)
    areas = [skm.roc_auc_score(truth == c, shares[:, c]) for c in labels]
    precisions = [skm.average_precision_score((truth == c).astype(int), shares[:, c]) for c in labels]
    present = [c for c in labels if (truth == c).any()]
    defined = [area for area in areas if not np.isnan(area)]
    if len(present) == n_classes > 2:
        by_sklearn = skm.roc_auc_score(truth, shares, multi_class="ovr", labels=labels)
        assert abs(by_sklearn - np.mean(areas)) < 1e-12
    n_bins = int(rng.choice([1, 10, 15]))
    return {
        "n_classes": n_classes,
        "scale": scale,
        "truth": text(truth),
        "scores": whole.ravel().tolist(),
        "roc_auc": all_digits(areas),
        "average_precision": all_digits(precisions),
        "macro_roc_auc": digits(np.mean(defined)) if defined else None,
        "macro_average_precision": digits(np.mean([precisions[c] for c in present])),
        "log_loss": digits(skm.log_loss(truth, shares, labels=labels)),
        "brier": digits(skm.brier_score_loss(truth, shares, labels=labels)),
        "n_bins": n_bins,
        "calibration": digits(calibration_error(truth, shares, n_bins)),
    }


# --- multi-label -----------------------------------------------------------------------------------


def auc_ties_win(truth, scores):
    total = 0.0
    for on, score in zip(truth.T, scores.T):
        pairs = [(p >= n) for p in score[on == 1] for n in score[on == 0]]
        total += np.mean(pairs) if pairs else 0.0
    return total / truth.shape[1]


def one_error(truth, scores):
    tops = [on[score == score.max()] for on, score in zip(truth, scores)]
    return np.mean([1 - top.mean() for top in tops])


def multi_label_case(index):
    n_rows, n_labels = int(rng.integers(1, 9)), int(rng.integers(2, 7))
    scale = int(rng.choice([2, 10, 1000]))
    truth = (rng.random((n_rows, n_labels)) < rng.uniform(0.1, 0.9)).astype(int)
    whole = rng.integers(0, scale + 1, (n_rows, n_labels))
    kind = index % 10
    if kind == 0:
        truth[:] = 0
    elif kind == 1:
        truth[:] = 1
    elif kind == 2:
        whole[:] = int(rng.integers(0, scale + 1))
    elif kind == 3:
        truth[:, 0] = 0
        truth[:, 1] = 1
    elif kind == 4:
        truth[0], truth[-1] = 0, 1
    elif kind == 5:
        whole = truth * scale
    scores = whole / scale
    predicted = (scores > 0.5).astype(int)
    areas = [skm.roc_auc_score(truth[:, j], scores[:, j]) for j in range(n_labels)]
    defined = [area for area in areas if not np.isnan(area)]
    return {
        "n_labels": n_labels,
        "scale": scale,
        "truth": text(truth.ravel()),
        "scores": whole.ravel().tolist(),
        "macro_f1": digits(skm.f1_score(truth, predicted, average="macro", zero_division=0)),
        "micro_f1": digits(skm.f1_score(truth, predicted, average="micro", zero_division=0)),
        "hamming": digits(skm.hamming_loss(truth, predicted)),
        "macro_auc": digits(np.mean(defined)) if defined else None,
        "macro_auc_ties_win": digits(auc_ties_win(truth, scores)),
        "ranking": digits(skm.label_ranking_loss(truth, scores)),
        "one_error": digits(one_error(truth, scores)),
        "coverage": digits(skm.coverage_error(truth, scores)),
        "average_precision": digits(skm.label_ranking_average_precision_score(truth, scores)),
    }


# --- comparison of methods -------------------------------------------------------------------------


def friedman_case(index):
    n, k = int(rng.integers(2, 13)), int(rng.integers(3, 8))
    scale = int(rng.choice([3, 1000]))
    whole = rng.integers(0, scale + 1, (n, k)) + (np.arange(k) * rng.integers(0, 2) * scale // 5)
    if index % 10 == 0:
        whole[:] = 1
    elif index % 10 == 1:
        whole = np.tile(rng.permutation(k), (n, 1))
    ranks = st.rankdata(-whole, axis=1)
    chi_square, p = st.friedmanchisquare(*(whole / scale).T)
    rest = n * (k - 1) - chi_square
    agree = abs(rest) < 1e-9
    f = np.nan if agree else (n - 1) * chi_square / rest
    nemenyi = posthoc_nemenyi_friedman(whole / scale).to_numpy()
    return {
        "n_methods": k,
        "scale": scale,
        "results": whole.ravel().tolist(),
        "average_ranks": all_digits(ranks.mean(axis=0)),
        "chi_square": digits(chi_square),
        "p": digits(p),
        "f": digits(f),
        "f_p": 0.0 if agree else digits(st.f.sf(f, k - 1, (k - 1) * (n - 1))),
        "nemenyi_first_row": all_digits(nemenyi[0]),
    }


def wilcoxon_case(index):
    kind = index % 6
    if kind == 0:
        n, scale = int(rng.integers(1, 51)), 10**6
    elif kind in (1, 2):
        n, scale = int(rng.integers(2, 14)), 5
    elif kind == 3:
        n, scale = int(rng.integers(14, 17)), 5
    elif kind == 4:
        n, scale = int(rng.integers(51, 70)), 20
    else:
        n, scale = int(rng.integers(3, 14)), 10**6
    first = rng.integers(0, scale + 1, n)
    second = rng.integers(0, scale + 1, n)
    if kind == 1 and index % 4 == 1:
        first = second.copy()
    elif kind == 4:
        second = np.where(first == second, second + 1, second)
    elif kind == 5:
        first = second + rng.integers(1, scale, n)
    # As auto does up to 13 pairs, all sign patterns are tried where there are ties.
    method = st.PermutationMethod(n_resamples=np.inf) if kind == 3 else "auto"
    test = st.wilcoxon(first / scale, second / scale, method=method)
    return {
        "scale": scale,
        "first": first.tolist(),
        "second": second.tolist(),
        "statistic": digits(test.statistic),
        "p": digits(test.pvalue),
    }


def holm_case(index):
    whole = rng.integers(0, 200, int(rng.integers(1, 13)))
    return {
        "scale": 1000,
        "p": whole.tolist(),
        "adjusted": all_digits(multipletests(whole / 1000, method="holm")[1]),
    }


def nemenyi_case(index):
    k, n = int(rng.integers(2, 21)), int(rng.integers(2, 40))
    alpha = [0.01, 0.05, 0.1][index % 3]
    q = st.studentized_range.ppf(1 - alpha, k, np.inf)
    return {
        "alpha": alpha,
        "n_methods": k,
        "n_data_sets": n,
        "q": digits(q),
        "critical_difference": digits(q / np.sqrt(2) * np.sqrt(k * (k + 1) / (6 * n))),
        "autorank": digits(_critical_distance(alpha, k, n)),
    }


def student_case(index):
    whole = rng.integers(0, 1001, int(rng.integers(2, 31)))
    confidence = [0.5, 0.9, 0.95, 0.99, 0.999][index % 5]
    if index % 10 == 0:
        whole[1:] = whole[0]
    values = whole / 1000
    scale = values.std(ddof=1) / np.sqrt(len(values))
    low, high = st.t.interval(confidence, len(values) - 1)
    return {
        "scale": 1000,
        "values": whole.tolist(),
        "confidence": confidence,
        "lower": digits(values.mean() + low * scale),
        "upper": digits(values.mean() + high * scale),
    }


def kolmogorov_smirnov_case(index):
    n, m = (int(size) for size in rng.integers(1, 26, 2))
    scale = int(rng.choice([3, 1000]))
    if index % 5 == 0:
        m = n
    first = rng.integers(0, scale + 1, n)
    second = rng.integers(0, scale + 1, m) + (scale // 3 if index % 3 == 0 else 0)
    if index % 10 == 9:
        second = first.copy()
    test = st.ks_2samp(first / scale, second / scale, method="exact")
    return {
        "scale": scale,
        "first": first.tolist(),
        "second": second.tolist(),
        "statistic": digits(test.statistic),
        "p": digits(test.pvalue),
    }


def large_kolmogorov_smirnov():
    """Values i * 7919 mod 10007 against i * 7907 mod 10007 + 200: made alike on both sides."""
    first = np.arange(12000) * 7919 % 10007
    second = np.arange(6000) * 7907 % 10007 + 200
    statistic = st.ks_2samp(first, second, method="asymp").statistic
    return {
        "statistic": digits(statistic),
        "p": digits(st.kstwobign.sf(statistic * np.sqrt(12000 * 6000 / 18000))),
    }


# --- files -----------------------------------------------------------------------------------------


def cases(make, count):
    return [make(index) for index in range(count)]


def write(name, sections):
    packages = ["numpy", "scipy", "scikit-learn", "scikit-posthocs", "autorank", "statsmodels"]
    versions = {"python": platform.python_version()} | {package: version(package) for package in packages}
    lines = [f'"versions": {json.dumps(versions)}']
    for section, content in sections.items():
        if isinstance(content, list):
            rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in content)
            lines.append(f'"{section}": [\n{rows}\n]')
        else:
            lines.append(f'"{section}": {json.dumps(content)}')
    path = pathlib.Path(__file__).with_name(name)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write("single_label.json", {"cases": cases(single_label_case, 350)})
    write("scores.json", {"cases": cases(scores_case, 275)})
    write("multi_label.json", {"cases": cases(multi_label_case, 175)})
    sections = {
        "friedman": cases(friedman_case, 40),
        "wilcoxon": cases(wilcoxon_case, 60),
        "holm": cases(holm_case, 15),
        "nemenyi": cases(nemenyi_case, 15),
        "student": cases(student_case, 20),
        "kolmogorov_smirnov": cases(kolmogorov_smirnov_case, 49),
        "large_kolmogorov_smirnov": large_kolmogorov_smirnov(),
    }
    write("rank.json", sections)
