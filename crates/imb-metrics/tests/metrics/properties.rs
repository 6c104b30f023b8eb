//! Properties that hold for any data.

use imb_core::{LabelMatrix, Labels, Target};
use imb_metrics::kolmogorov_smirnov::kolmogorov_smirnov;
use imb_metrics::multi_label::{LabelOutcomes, TieRule, macro_auc_score};
use imb_metrics::rank::{PairTest, WinsLosses, friedman, rank_rows, wins_and_losses};
use imb_metrics::single_label::{acsa_score, geometric_mean_score};
use imb_metrics::{Compute, ConfusionMatrix, Direction, METRICS, Metric};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

/// Single-label data: truth, predictions and class probabilities.
#[derive(Clone, Debug)]
struct Classes {
    truth: Labels,
    predicted: Labels,
    shares: Array2<f64>,
}

fn classes() -> impl Strategy<Value = Classes> {
    (2usize..5, 1usize..30).prop_flat_map(|(n_classes, n_rows)| {
        let codes = || prop::collection::vec(0..n_classes as u32, n_rows);
        let whole = prop::collection::vec(1u32..6, n_rows * n_classes);
        (codes(), codes(), whole).prop_map(move |(truth, predicted, whole)| {
            let names: Vec<String> = (0..n_classes).map(|class| class.to_string()).collect();
            let labels = |codes| Labels::new(codes, names.clone()).expect("codes are below n_classes");
            let whole = whole.into_iter().map(f64::from).collect();
            let whole = Array2::from_shape_vec((n_rows, n_classes), whole).expect("fits");
            let shares = &whole / &whole.sum_axis(Axis(1)).insert_axis(Axis(1));
            Classes { truth: labels(truth), predicted: labels(predicted), shares }
        })
    })
}

/// Multi-label data: truth, predictions and scores with many ties.
#[derive(Clone, Debug)]
struct LabelSets {
    truth: Array2<bool>,
    predicted: Array2<bool>,
    scores: Array2<f64>,
}

fn label_sets() -> impl Strategy<Value = LabelSets> {
    (1usize..7, 1usize..12).prop_flat_map(|(n_labels, n_rows)| {
        let on = || prop::collection::vec(any::<bool>(), n_rows * n_labels);
        let whole = prop::collection::vec(-3i32..4, n_rows * n_labels);
        (on(), on(), whole).prop_map(move |(truth, predicted, whole)| {
            let shape = (n_rows, n_labels);
            let whole = whole.into_iter().map(f64::from).collect();
            LabelSets {
                truth: Array2::from_shape_vec(shape, truth).expect("fits"),
                predicted: Array2::from_shape_vec(shape, predicted).expect("fits"),
                scores: Array2::from_shape_vec(shape, whole).expect("fits"),
            }
        })
    })
}

fn results() -> impl Strategy<Value = Array2<f64>> {
    (2usize..7, 2usize..9).prop_flat_map(|(n_methods, n_rows)| {
        prop::collection::vec(0u32..8, n_rows * n_methods).prop_map(move |whole| {
            let whole = whole.into_iter().map(f64::from).collect();
            Array2::from_shape_vec((n_rows, n_methods), whole).expect("fits")
        })
    })
}

proptest! {
    #[test]
    fn single_label_metrics_stay_in_range_and_ignore_the_order_of_rows(data in classes()) {
        let backwards: Vec<usize> = (0..data.truth.n_rows()).rev().collect();
        let reversed = Classes {
            truth: data.truth.select(&backwards),
            predicted: data.predicted.select(&backwards),
            shares: data.shares.select(Axis(0), &backwards),
        };
        for metric in METRICS {
            let values = of_classes(metric, &data);
            check_range(metric, &values)?;
            check_equal(metric.name, &values, &of_classes(metric, &reversed))?;
        }
    }

    #[test]
    fn single_label_means_ignore_the_order_of_classes(data in classes()) {
        let n_classes = data.truth.classes().len() as u32;
        let turned = |labels: &Labels| {
            let codes = labels.codes().iter().map(|code| n_classes - 1 - code).collect();
            Labels::new(codes, labels.classes().to_vec()).expect("as many classes")
        };
        let order: Vec<usize> = (0..n_classes as usize).rev().collect();
        let reversed = Classes {
            truth: turned(&data.truth),
            predicted: turned(&data.predicted),
            shares: data.shares.select(Axis(1), &order),
        };
        // On a tie, the class number decides which class is the minority, the majority, or the predicted class
        // of the calibration error. Metrics with one value per class are reversed with the classes.
        let by_order = |name: &str| name.starts_with("m") && name.ends_with("rity_f1_score")
            || name == "expected_calibration_loss";
        for metric in METRICS.iter().filter(|metric| !by_order(metric.name)) {
            let mut values = of_classes(metric, &reversed);
            if matches!(metric.compute, Compute::PerClass(_) | Compute::OneClassScores(_)) {
                values.reverse();
            }
            check_equal(metric.name, &of_classes(metric, &data), &values)?;
        }
    }

    #[test]
    fn the_geometric_mean_is_at_most_the_arithmetic_one(data in classes()) {
        let matrix = ConfusionMatrix::new(&data.truth, &data.predicted).expect("same classes");
        prop_assert!(geometric_mean_score(&matrix) <= acsa_score(&matrix) + 1e-15);
    }

    #[test]
    fn multi_label_metrics_stay_in_range_and_ignore_the_order_of_rows_and_labels(data in label_sets()) {
        let turned = |axis: usize| {
            let order: Vec<usize> = (0..data.truth.len_of(Axis(axis))).rev().collect();
            LabelSets {
                truth: data.truth.select(Axis(axis), &order),
                predicted: data.predicted.select(Axis(axis), &order),
                scores: data.scores.select(Axis(axis), &order),
            }
        };
        for metric in METRICS {
            let values = of_label_sets(metric, &data);
            check_range(metric, &values)?;
            check_equal(metric.name, &values, &of_label_sets(metric, &turned(0)))?;
            check_equal(metric.name, &values, &of_label_sets(metric, &turned(1)))?;
        }
    }

    #[test]
    fn scores_count_by_their_order_only(data in label_sets()) {
        let cubed = LabelSets { scores: data.scores.mapv(|score| score.powi(3) / 100.0), ..data.clone() };
        for metric in METRICS {
            check_equal(metric.name, &of_label_sets(metric, &data), &of_label_sets(metric, &cubed))?;
        }
    }

    #[test]
    fn ties_that_win_never_lower_the_area(data in label_sets()) {
        let mut truth = data.truth;
        // Both rules have the same denominator if every label has both kinds of rows.
        prop_assume!(truth.nrows() > 1);
        truth.row_mut(0).fill(true);
        truth.row_mut(1).fill(false);
        let truth = named(truth);
        let area = |ties| macro_auc_score(&truth, data.scores.view(), ties).expect("both kinds");
        prop_assert!(area(TieRule::Half) <= area(TieRule::Win) + 1e-15);
        let against = macro_auc_score(&truth, (-&data.scores).view(), TieRule::Half).expect("both kinds");
        prop_assert!((area(TieRule::Half) + against - 1.0).abs() < 1e-12, "the other way round");
    }

    #[test]
    fn rows_of_ranks_add_up(results in results()) {
        let k = results.ncols() as f64;
        let up = rank_rows(results.view(), Direction::HigherIsBetter).expect("finite");
        let down = rank_rows(results.view(), Direction::LowerIsBetter).expect("finite");
        for (up, down) in up.rows().into_iter().zip(down.rows()) {
            prop_assert_eq!(up.sum(), k * (k + 1.0) / 2.0);
            prop_assert!((&up + &down).iter().all(|sum| *sum == k + 1.0));
        }
    }

    #[test]
    fn tests_of_methods_hold_together(results in results()) {
        let tested = friedman(results.view()).expect("finite");
        let bound = (results.nrows() * (results.ncols() - 1)) as f64;
        prop_assert!((0.0..=bound + 1e-9).contains(&tested.chi_square));
        prop_assert!((0.0..=1.0).contains(&tested.p) && (0.0..=1.0).contains(&tested.f_p));
        for test in [PairTest::Wilcoxon, PairTest::WilcoxonHolm, PairTest::FriedmanOfTwo, PairTest::Nemenyi] {
            let table = wins_and_losses(results.view(), Direction::HigherIsBetter, test, 0.2);
            let table = table.expect("finite");
            let sum = |of: fn(&WinsLosses) -> usize| table.iter().map(of).sum::<usize>();
            prop_assert_eq!(sum(|method| method.wins), sum(|method| method.losses));
        }
    }

    #[test]
    fn two_samples_either_way(
        first in prop::collection::vec(0u32..9, 1..20),
        second in prop::collection::vec(0u32..9, 1..20),
    ) {
        let values = |whole: &[u32]| whole.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
        let (first, second) = (values(&first), values(&second));
        let one_way = kolmogorov_smirnov(&first, &second).expect("two samples");
        let other_way = kolmogorov_smirnov(&second, &first).expect("two samples");
        prop_assert_eq!(one_way.statistic, other_way.statistic);
        prop_assert!((one_way.p - other_way.p).abs() < 1e-12 && (0.0..=1.0).contains(&one_way.p));
    }
}

/// A metric's values on single-label data: NaN where it does not apply, none if it is for other data.
fn of_classes(metric: &Metric, data: &Classes) -> Vec<f64> {
    let matrix = ConfusionMatrix::new(&data.truth, &data.predicted).expect("same classes");
    match metric.compute {
        Compute::Classes(of) => vec![of(&matrix)],
        Compute::PerClass(of) => of(&matrix),
        Compute::ClassScores(of) | Compute::ClassProbabilities(of) => {
            vec![of(&data.truth, data.shares.view()).unwrap_or(f64::NAN)]
        }
        Compute::OneClassScores(of) => {
            let columns = (0u32..).zip(data.shares.columns());
            columns.map(|(class, scores)| of(&data.truth, class, scores).unwrap_or(f64::NAN)).collect()
        }
        Compute::Logits(_) | Compute::Labels(_) | Compute::LabelScores(_) => vec![],
    }
}

/// Like [`of_classes`], for multi-label data.
fn of_label_sets(metric: &Metric, data: &LabelSets) -> Vec<f64> {
    let truth = named(data.truth.clone());
    match metric.compute {
        Compute::Labels(of) => {
            let outcomes = LabelOutcomes::new(&truth, &named(data.predicted.clone()));
            vec![of(&outcomes.expect("same labels"))]
        }
        Compute::LabelScores(of) => vec![of(&truth, data.scores.view()).unwrap_or(f64::NAN)],
        _ => vec![],
    }
}

fn named(on: Array2<bool>) -> LabelMatrix {
    let names = (0..on.ncols()).map(|label| label.to_string()).collect();
    LabelMatrix::new(on, names).expect("one name per label")
}

fn check_range(metric: &Metric, values: &[f64]) -> Result<(), TestCaseError> {
    let (low, high) = metric.range;
    for value in values.iter().filter(|value| !value.is_nan()) {
        prop_assert!((low - 1e-12..=high + 1e-12).contains(value), "{}: {value}", metric.name);
    }
    Ok(())
}

fn check_equal(name: &str, values: &[f64], others: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(values.len(), others.len());
    for (value, other) in values.iter().zip(others) {
        let same = value.is_nan() && other.is_nan() || (value - other).abs() < 1e-12;
        prop_assert!(same, "{name}: {value} and {other}");
    }
    Ok(())
}
