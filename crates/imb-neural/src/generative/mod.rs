//! Methods in which a trained network makes new rows.
//!
//! - [`Aemlo`], for any number of labels a row: features and labels are encoded into one latent space, and new
//!   rows are decoded from it.
//! - [`Gan`]: a generator turns noise into rows of a small class, and a discriminator tells them from real ones.
//! - [`SmotifiedGan`], [`Ssg`] and [`Gbo`]: the same pair of networks, but the generator starts from rows that
//!   SMOTE or SVM-SMOTE made. The pair is [`GanPair`].
//! - [`AbsoluteErrorClassifier`], with which the authors of SMOTified-GAN measured it.
//!
//! The page of each module has the steps, the source, and where the method departs from the paper.
//!
//! Like the [`adversarial`](crate::adversarial) methods they are written once over the private trait `Matrix`
//! (`matrix.rs`), so they run on every device, and draw all random numbers from the run's generator.

pub mod absolute_error;
pub mod aemlo;
pub mod gan;
pub mod gbo;
mod growth;
pub mod pair;
pub mod smotified_gan;
pub mod ssg;
#[cfg(test)]
mod tests;

pub use absolute_error::AbsoluteErrorClassifier;
pub use aemlo::{Aemlo, LabelEncoder, Reconstruction, Scaling, SeedLabels, SeedOrder, Thresholds};
pub use gan::Gan;
pub use gbo::Gbo;
pub use pair::GanPair;
pub use smotified_gan::SmotifiedGan;
pub use ssg::Ssg;
