//! All steps, alone and in the combinations that experiments use.

use imb_data::prepare::{
    CorrelatedWithTarget, EmptyColumns, FrequentLabels, KnnImputer, LargestSums, MinMaxScaler, OneHot,
    StandardScaler, Step,
};

fn imputer(k: usize) -> Step {
    Step::KnnImputer(KnnImputer { k, empty_columns: EmptyColumns::Drop })
}

fn standard() -> Step {
    Step::StandardScaler(StandardScaler {})
}

fn min_max() -> Step {
    Step::MinMaxScaler(MinMaxScaler {})
}

fn one_hot() -> Step {
    Step::OneHot(OneHot::default())
}

fn sums(keep: usize) -> Step {
    Step::LargestSums(LargestSums { keep })
}

fn correlated() -> Step {
    Step::CorrelatedWithTarget(CorrelatedWithTarget { at_least: 0.1 })
}

fn frequent() -> Step {
    Step::FrequentLabels(FrequentLabels { at_least: 2 })
}

/// For any kind of target.
pub(crate) fn general() -> Vec<Vec<Step>> {
    vec![
        vec![],
        vec![imputer(1)],
        vec![imputer(3)],
        vec![standard()],
        vec![min_max()],
        vec![one_hot()],
        vec![sums(2)],
        vec![imputer(2), one_hot(), standard()],
        vec![min_max(), imputer(2), one_hot()],
        vec![sums(3), min_max(), imputer(2)],
        vec![one_hot(), imputer(2), sums(3), standard(), min_max()],
    ]
}

/// For two classes.
pub(crate) fn for_two_classes() -> Vec<Vec<Step>> {
    vec![
        vec![correlated()],
        vec![imputer(2), one_hot(), correlated(), min_max()],
        vec![correlated(), imputer(2), standard()],
    ]
}

/// For multi-label data.
pub(crate) fn for_labels() -> Vec<Vec<Step>> {
    vec![vec![frequent()], vec![sums(3), min_max(), frequent(), imputer(2)]]
}
