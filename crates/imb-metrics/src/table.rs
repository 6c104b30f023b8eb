//! The list of metrics, which help, records and reports read.

use crate::multi_label::{self, TieRule};
use crate::non_overlapping_diversification as diversification;
use crate::{Compute, Metric, probabilities, scores, single_label};

const UNIT: (f64, f64) = (0.0, 1.0);
const UNBOUNDED: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
const MOODS: &str = "Medlin, Leyffer and Raghavan (2025), arXiv:2506.11315";
const ZHANG_ZHOU: &str = "Zhang and Zhou (2014), doi:10.1109/TKDE.2013.39";
const HANLEY: &str = "Hanley and McNeil (1982), doi:10.1148/radiology.143.1.7063747";
const RIJSBERGEN: &str = "van Rijsbergen, Information Retrieval (1979)";
const SCIKIT_LEARN: &str = "scikit-learn 1.9";
const NO_VARIANCE: &str = "outputs without variance: not applicable";

/// All metrics but the coefficients of Matthews and Cohen, which have no value where their formula divides by zero.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "per_class_precision_score",
        summary: "share of the rows predicted as a class that belong to it",
        range: UNIT,
        undefined: "a class never predicted: 0",
        source: RIJSBERGEN,
        compute: Compute::PerClass(single_label::per_class_precision_score),
    },
    Metric {
        name: "per_class_recall_score",
        summary: "share of the rows of a class that are found",
        range: UNIT,
        undefined: "a class without rows: 0",
        source: RIJSBERGEN,
        compute: Compute::PerClass(single_label::per_class_recall_score),
    },
    Metric {
        name: "per_class_f1_score",
        summary: "harmonic mean of precision and recall of a class",
        range: UNIT,
        undefined: "a class without rows and never predicted: 0",
        source: RIJSBERGEN,
        compute: Compute::PerClass(single_label::per_class_f1_score),
    },
    Metric {
        name: "macro_f1_score",
        summary: "mean of the classes' F1",
        range: UNIT,
        undefined: "a class without rows and never predicted: 0 in the mean",
        source: MOODS,
        compute: Compute::Classes(single_label::macro_f1_score),
    },
    Metric {
        name: "minority_f1_score",
        summary: "F1 of the class with the fewest rows",
        range: UNIT,
        undefined: "always defined: the class has rows",
        source: MOODS,
        compute: Compute::Classes(single_label::minority_f1_score),
    },
    Metric {
        name: "majority_f1_score",
        summary: "F1 of the class with the most rows",
        range: UNIT,
        undefined: "always defined: the class has rows",
        source: MOODS,
        compute: Compute::Classes(single_label::majority_f1_score),
    },
    Metric {
        name: "acsa_score",
        summary: "mean of the classes' recall (balanced accuracy)",
        range: UNIT,
        undefined: "a class without rows: left out",
        source: "Brodersen et al. (2010), doi:10.1109/ICPR.2010.764",
        compute: Compute::Classes(single_label::acsa_score),
    },
    Metric {
        name: "geometric_mean_score",
        summary: "C-th root of the product of the classes' recall",
        range: UNIT,
        undefined: "a class without rows: left out",
        source: "Kubat and Matwin, ICML 1997",
        compute: Compute::Classes(single_label::geometric_mean_score),
    },
    Metric {
        name: "accuracy_score",
        summary: "share of correctly predicted rows",
        range: UNIT,
        undefined: "always defined",
        source: SCIKIT_LEARN,
        compute: Compute::Classes(single_label::accuracy_score),
    },
    Metric {
        name: "roc_auc_score",
        summary: "area under the ROC curve of one class against the others",
        range: UNIT,
        undefined: "a class without rows, or with every row: not applicable",
        source: HANLEY,
        compute: Compute::OneClassScores(scores::roc_auc_score),
    },
    Metric {
        name: "average_precision_score",
        summary: "precision at each score of one class, weighted by the recall gained",
        range: UNIT,
        undefined: "a class without rows: 0",
        source: SCIKIT_LEARN,
        compute: Compute::OneClassScores(scores::average_precision_score),
    },
    Metric {
        name: "macro_roc_auc_score",
        summary: "area under the ROC curve of each class against the others, averaged",
        range: UNIT,
        undefined: "a class without rows, or with every row: left out; one class only: not applicable",
        source: HANLEY,
        compute: Compute::ClassScores(scores::macro_roc_auc_score),
    },
    Metric {
        name: "macro_average_precision_score",
        summary: "average precision of each class against the others, averaged",
        range: UNIT,
        undefined: "a class without rows: left out",
        source: SCIKIT_LEARN,
        compute: Compute::ClassScores(scores::macro_average_precision_score),
    },
    Metric {
        name: "log_loss",
        summary: "mean of -ln of the probability of the true class",
        range: (0.0, 36.1),
        undefined: "probabilities are clipped to [2^-52, 1 - 2^-52]",
        source: SCIKIT_LEARN,
        compute: Compute::ClassProbabilities(probabilities::log_loss),
    },
    Metric {
        name: "brier_loss",
        summary: "squared distance of the probabilities from the truth",
        range: (0.0, f64::INFINITY),
        undefined: "always defined; halved for two classes, then at most 1",
        source: "Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
        compute: Compute::ClassProbabilities(probabilities::brier_loss),
    },
    Metric {
        name: "expected_calibration_loss",
        summary: "distance of confidence from accuracy, over 15 bins",
        range: UNIT,
        undefined: "a bin without rows adds nothing",
        source: "Guo et al. (2017), arXiv:1706.04599",
        compute: Compute::ClassProbabilities(|truth, probabilities| {
            probabilities::expected_calibration_loss(truth, probabilities, probabilities::CALIBRATION_BINS)
        }),
    },
    Metric {
        name: "overlap_decrease_score",
        summary: "decrease of the share of minority logits below 1/2, in percentage points",
        range: (-100.0, 100.0),
        undefined: "always defined",
        source: MOODS,
        compute: Compute::Logits(|before, after| Ok(diversification::overlap_decrease_score(before, after))),
    },
    Metric {
        name: "misclassified_decrease_score",
        summary: "decrease of the share of misclassified minority rows, in percentage points",
        range: (-100.0, 100.0),
        undefined: "always defined",
        source: MOODS,
        compute: Compute::Logits(|before, after| {
            Ok(diversification::misclassified_decrease_score(before, after))
        }),
    },
    Metric {
        name: "minority_variance_increase_score",
        summary: "increase of the variance of minority logits, in orders of magnitude",
        range: UNBOUNDED,
        undefined: NO_VARIANCE,
        source: MOODS,
        compute: Compute::Logits(diversification::minority_variance_increase_score),
    },
    Metric {
        name: "majority_variance_increase_score",
        summary: "increase of the variance of majority logits, in orders of magnitude",
        range: UNBOUNDED,
        undefined: NO_VARIANCE,
        source: MOODS,
        compute: Compute::Logits(diversification::majority_variance_increase_score),
    },
    Metric {
        name: "variance_increase_score",
        summary: "mean of the variance increases of minority and majority",
        range: UNBOUNDED,
        undefined: NO_VARIANCE,
        source: MOODS,
        compute: Compute::Logits(diversification::variance_increase_score),
    },
    Metric {
        name: "macro_f1_score",
        summary: "mean of the labels' F1",
        range: UNIT,
        undefined: "a label that no row has and none is predicted to have: 0 in the mean",
        source: ZHANG_ZHOU,
        compute: Compute::Labels(multi_label::macro_f1_score),
    },
    Metric {
        name: "micro_f1_score",
        summary: "F1 of all labels together",
        range: UNIT,
        undefined: "no label anywhere: 0",
        source: ZHANG_ZHOU,
        compute: Compute::Labels(multi_label::micro_f1_score),
    },
    Metric {
        name: "hamming_loss",
        summary: "share of wrongly predicted cells of the label matrix",
        range: UNIT,
        undefined: "always defined",
        source: ZHANG_ZHOU,
        compute: Compute::Labels(multi_label::hamming_loss),
    },
    Metric {
        name: "macro_auc_score",
        summary: "area under the ROC curve of each label, averaged; a tie counts as half a pair",
        range: UNIT,
        undefined: "a label that every row has, or none: left out; no label remains: not applicable",
        source: ZHANG_ZHOU,
        compute: Compute::LabelScores(|truth, scores| {
            multi_label::macro_auc_score(truth, scores, TieRule::Half)
        }),
    },
    Metric {
        name: "macro_auc_ties_win_score",
        summary: "area under the ROC curve of each label, averaged; a tie counts as a whole pair",
        range: UNIT,
        undefined: "a label that every row has, or none: 0 in the mean",
        source: "Zhou et al., AEMLO (2024), as coded",
        compute: Compute::LabelScores(|truth, scores| {
            multi_label::macro_auc_score(truth, scores, TieRule::Win)
        }),
    },
    Metric {
        name: "ranking_loss",
        summary: "share of pairs of labels in the wrong order; a tie counts as a whole pair",
        range: UNIT,
        undefined: "a row with every label or none: 0 in the mean",
        source: ZHANG_ZHOU,
        compute: Compute::LabelScores(multi_label::ranking_loss),
    },
    Metric {
        name: "one_error_loss",
        summary: "share of rows whose highest-scored label is wrong",
        range: UNIT,
        undefined: "a row without labels: 1; several highest labels: the share of wrong ones",
        source: ZHANG_ZHOU,
        compute: Compute::LabelScores(multi_label::one_error_loss),
    },
    Metric {
        name: "coverage_loss",
        summary: "how far down the ranking of labels all labels of the row are found",
        range: (0.0, f64::INFINITY),
        undefined: "a row without labels: 0",
        source: "scikit-learn 1.9; Zhang and Zhou (2014) less 1, doi:10.1109/TKDE.2013.39",
        compute: Compute::LabelScores(multi_label::coverage_loss),
    },
    Metric {
        name: "average_precision_score",
        summary: "share of the row's labels among those ranked at least as high, averaged over its labels",
        range: UNIT,
        undefined: "a row with every label or none: 1",
        source: ZHANG_ZHOU,
        compute: Compute::LabelScores(multi_label::average_precision_score),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_direction_and_are_unique() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert!(metric.name.ends_with("_score") || metric.name.ends_with("_loss"), "{}", metric.name);
            let twin = METRICS[..place]
                .iter()
                .find(|other| (other.name, other.task()) == (metric.name, metric.task()));
            assert!(twin.is_none(), "{} is listed twice", metric.name);
            assert!(metric.range.0 < metric.range.1);
        }
    }
}
