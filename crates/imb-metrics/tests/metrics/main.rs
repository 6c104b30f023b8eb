//! The metrics against scikit-learn, scipy, scikit-posthocs and autorank, and against what must hold
//! for any data. `tests/reference/metrics_reference.py` made the reference values.

mod multi_label;
mod properties;
mod rank;
mod reference;
mod scores;
mod single_label;
