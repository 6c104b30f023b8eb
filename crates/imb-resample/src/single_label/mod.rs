//! Resamplers for data with one class per row.

pub mod adasyn;
pub mod borderline_smote;
pub mod random_over_sampler;
pub mod random_under_sampler;
pub mod smote;
pub mod svm_smote;
