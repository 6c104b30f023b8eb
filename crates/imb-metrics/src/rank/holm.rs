//! Holm's correction of p-values for multiple tests.

use imb_core::{Error, Result};

use crate::checks::require_finite;

/// Adjusts p-values for multiple tests; the result is in the order given, `(n_tests)`.
///
/// Calling every test with an adjusted p-value of at most α significant keeps the probability of any false
/// positive at most α. The i-th smallest of m p-values is multiplied by m + 1 − i, raised to at least the one
/// before it, and limited to 1. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
/// 6 (1979), 65–70.
///
/// # Errors
/// [`NotFinite`](imb_core::Error::NotFinite) or
/// [`InvalidParameter`](imb_core::Error::InvalidParameter) for a value that is not from 0 to 1.
///
/// ```
/// use imb_metrics::rank::holm;
///
/// assert_eq!(holm(&[0.25, 0.0625, 0.125])?, [0.25, 0.1875, 0.25]);
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>> {
    require_finite(p_values, "p")?;
    if let Some(p) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(Error::invalid_parameter("p", "from 0 to 1", p));
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let (mut adjusted, mut highest) = (vec![0.0; p_values.len()], 0f64);
    for (before, &place) in order.iter().enumerate() {
        highest = highest.max(p_values[place] * (p_values.len() - before) as f64).min(1.0);
        adjusted[place] = highest;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tests_and_invalid_p_values() {
        assert_eq!(holm(&[]).expect("nothing to adjust"), [0.0; 0]);
        assert_eq!(holm(&[1.0, 0.9]).expect("chances"), [1.0, 1.0]);
        assert!(holm(&[1.1]).is_err());
        assert!(holm(&[f64::NAN]).is_err());
    }
}
