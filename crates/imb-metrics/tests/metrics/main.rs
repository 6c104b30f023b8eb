//! The metrics compared with scikit-learn, scipy, scikit-posthocs and autorank, and their properties on random
//! data. `tests/reference/metrics_reference.py` writes the reference values.

mod multi_label;
mod printed;
mod properties;
mod rank;
mod reference;
mod scores;
mod single_label;
