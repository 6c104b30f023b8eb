//! Holm's correction for many tests at once.

use imb_core::Result;

use crate::checks::{invalid, require_finite};

/// Adjusted chances, in the order given, `(n_tests)`: a test whose adjusted chance is at most α is
/// significant while the risk of any false one among all tests stays at most α.
///
/// The i-th smallest of m is multiplied by m + 1 − i, raised to the ones before it, and cut to 1.
/// Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
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
pub fn holm(chances: &[f64]) -> Result<Vec<f64>> {
    require_finite(chances, "p")?;
    if let Some(p) = chances.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(invalid("p", "from 0 to 1", p));
    }
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]));
    let (mut adjusted, mut highest) = (vec![0.0; chances.len()], 0f64);
    for (before, &place) in order.iter().enumerate() {
        highest = highest.max(chances[place] * (chances.len() - before) as f64).min(1.0);
        adjusted[place] = highest;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_wrong() {
        assert_eq!(holm(&[]).expect("nothing to adjust"), [0.0; 0]);
        assert_eq!(holm(&[1.0, 0.9]).expect("chances"), [1.0, 1.0]);
        assert!(holm(&[1.1]).is_err());
        assert!(holm(&[f64::NAN]).is_err());
    }
}
