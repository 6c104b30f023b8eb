//! Resamplers for data with one class per row.

pub(crate) mod adasyn;
pub(crate) mod borderline_smote;
pub(crate) mod random_over_sampler;
pub(crate) mod random_under_sampler;
pub(crate) mod smote;
pub(crate) mod svm_smote;
