//! Metrics of predicted class probabilities, for single-label data.
//!
//! Probabilities are `(n_rows, n_classes)`, each from 0 to 1. Rows are not normalised, although rounding may
//! leave their sum slightly off 1.

use imb_core::{Error, Labels, Result, Target};
use ndarray::{ArrayView1, ArrayView2};

use crate::checks::{require_at_least, require_scores};

/// Mean of −ln of the probability predicted for the true class, from 0 to −ln ε (about 36).
///
/// Probabilities are first clipped to `[ε, 1 − ε]`, where ε is the distance from 1 to the next `f64`
/// (2⁻⁵²), as scikit-learn does.
///
/// # Errors
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) without rows or for a probability outside
/// `[0, 1]`; [`LengthMismatch`](imb_core::Error::LengthMismatch) or
/// [`NotFinite`](imb_core::Error::NotFinite) for probabilities that do not fit.
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::probabilities::log_loss;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["no", "yes"]);
/// let loss = log_loss(&truth, array![[0.5, 0.5], [0.75, 0.25]].view())?;
/// assert!((loss - 8f64.ln() / 2.0).abs() < 1e-15);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn log_loss(truth: &Labels, probabilities: ArrayView2<'_, f64>) -> Result<f64> {
    require_probabilities(truth, probabilities)?;
    Ok(mean_over_rows(truth, probabilities, |row, class| {
        -row[class].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    }))
}

/// Mean squared distance of the probabilities from the truth.
///
/// For two classes it is half the sum over both: the squared error of either class if the two
/// probabilities add up to 1, in `[0, 1]`. For three or more classes it is the whole sum, in `[0, 2]` if the
/// probabilities of a row add up to 1 and never above the number of classes. This is scikit-learn's
/// `scale_by_half="auto"`. Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.
///
/// # Errors
/// Those of [`log_loss`].
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::probabilities::brier_loss;
/// use ndarray::array;
///
/// let truth = Labels::from_texts(&["no", "yes"]);
/// assert_eq!(brier_loss(&truth, array![[0.5, 0.5], [0.0, 1.0]].view())?, 0.125);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn brier_loss(truth: &Labels, probabilities: ArrayView2<'_, f64>) -> Result<f64> {
    require_probabilities(truth, probabilities)?;
    let sum = mean_over_rows(truth, probabilities, |row, class| {
        let distance = |(at, share): (usize, &f64)| (share - f64::from(u8::from(at == class))).powi(2);
        row.iter().enumerate().map(distance).sum()
    });
    Ok(if probabilities.ncols() < 3 { sum / 2.0 } else { sum })
}

/// The default number of bins of the calibration error.
pub const CALIBRATION_BINS: usize = 15;

/// Expected calibration error: the distance between confidence and accuracy in bins of equal confidence,
/// averaged over rows, in `[0, 1]`.
///
/// Confidence is the probability of the predicted class, the most probable one (the lower number on a
/// tie), for two classes as for more. The bins `((b − 1) / B, b / B]` have equal width; a confidence of 0
/// falls into the first; a bin without rows adds nothing. Guo, Pleiss, Sun and Weinberger, "On calibration of
/// modern neural networks", ICML 2017, arXiv:1706.04599.
///
/// # Errors
/// Those of [`log_loss`]; [`InvalidParameter`](imb_core::Error::InvalidParameter) if `n_bins` is 0.
///
/// ```
/// use imb_core::Labels;
/// use imb_metrics::probabilities::expected_calibration_loss;
/// use ndarray::array;
///
/// // Two rows at a confidence of 0.75, of which one is right.
/// let truth = Labels::from_texts(&["no", "yes"]);
/// let loss = expected_calibration_loss(&truth, array![[0.75, 0.25], [0.75, 0.25]].view(), 15)?;
/// assert_eq!(loss, 0.25);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn expected_calibration_loss(
    truth: &Labels,
    probabilities: ArrayView2<'_, f64>,
    n_bins: usize,
) -> Result<f64> {
    require_at_least("n_bins", 1, n_bins)?;
    require_probabilities(truth, probabilities)?;
    let mut gaps = vec![0.0; n_bins];
    for (row, &class) in probabilities.rows().into_iter().zip(truth.codes()) {
        let (predicted, confidence) = most_probable(row);
        gaps[bin_of(confidence, n_bins)] += f64::from(u8::from(predicted == class as usize)) - confidence;
    }
    Ok(gaps.iter().map(|gap| gap.abs()).sum::<f64>() / truth.n_rows() as f64)
}

fn most_probable(row: ArrayView1<'_, f64>) -> (usize, f64) {
    let keep_first = |best: (usize, f64), (at, &value): (usize, &f64)| {
        if value > best.1 { (at, value) } else { best }
    };
    row.iter().enumerate().fold((0, f64::NEG_INFINITY), keep_first)
}

/// The bin of a confidence: the first whose upper edge is not below it. Rounding may put the first guess one
/// bin off.
fn bin_of(confidence: f64, n_bins: usize) -> usize {
    let edge = |bin: usize| (bin + 1) as f64 / n_bins as f64;
    let mut bin = ((confidence * n_bins as f64).ceil() as usize).saturating_sub(1).min(n_bins - 1);
    while bin > 0 && confidence <= edge(bin - 1) {
        bin -= 1;
    }
    while bin + 1 < n_bins && confidence > edge(bin) {
        bin += 1;
    }
    bin
}

fn require_probabilities(truth: &Labels, probabilities: ArrayView2<'_, f64>) -> Result<()> {
    require_at_least("rows", 1, truth.n_rows())?;
    require_scores(probabilities, truth.n_rows(), truth.classes())?;
    match probabilities.indexed_iter().find(|(_, value)| !(0.0..=1.0).contains(*value)) {
        None => Ok(()),
        Some(((row, class), value)) => {
            let name = format!("probability of class \"{}\" in row {}", truth.classes()[class], row + 1);
            Err(Error::invalid_parameter(name, "from 0 to 1", value))
        }
    }
}

fn mean_over_rows(
    truth: &Labels,
    probabilities: ArrayView2<'_, f64>,
    loss: impl Fn(ArrayView1<'_, f64>, usize) -> f64,
) -> f64 {
    let rows = probabilities.rows().into_iter().zip(truth.codes());
    rows.map(|(row, &class)| loss(row, class as usize)).sum::<f64>() / truth.n_rows() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn confidence_at_an_edge_is_in_the_lower_bin() {
        assert_eq!(bin_of(0.0, 15), 0);
        assert_eq!(bin_of(1.0, 15), 14);
        for n_bins in 1..200 {
            for bin in 1..=n_bins {
                assert_eq!(bin_of(bin as f64 / n_bins as f64, n_bins), bin - 1);
            }
        }
    }

    #[test]
    fn certain_and_wrong() {
        let truth = Labels::from_texts(&["a", "b"]);
        let wrong = array![[0.0, 1.0], [1.0, 0.0]];
        assert_eq!(log_loss(&truth, wrong.view()).expect("fits"), -f64::EPSILON.ln());
        assert_eq!(brier_loss(&truth, wrong.view()).expect("fits"), 1.0);
        assert_eq!(expected_calibration_loss(&truth, wrong.view(), CALIBRATION_BINS).expect("fits"), 1.0);
    }

    #[test]
    fn faults_are_named() {
        let truth = Labels::from_texts(&["a", "b"]);
        let error = log_loss(&truth, array![[0.5, 0.5], [1.5, -0.5]].view()).expect_err("no probability");
        assert!(error.to_string().contains("row 2"), "{error}");
        assert!(brier_loss(&truth, array![[0.5, 0.5]].view()).is_err());
        assert!(expected_calibration_loss(&truth, array![[0.5, 0.5], [0.5, 0.5]].view(), 0).is_err());
        assert!(log_loss(&truth.select(&[]), ndarray::Array2::zeros((0, 2)).view()).is_err());
    }
}
