//! The network and SVM-SMOTE of MOODS as they are written: what is left out is as MOODS has it by default, not as
//! these methods have it on their own.

use imb_classify::Svc;
use imb_neural::MlpClassifier;
use imb_resample::{EmptyGroup, SamplingStrategy, SmallClasses, SvmSmote};
use serde::{Deserialize, Deserializer};

use super::Moods;

pub(super) fn classifier<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MlpClassifier, D::Error> {
    Moods::default().classifier.overwritten(deserializer)
}

pub(super) fn resampler<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SvmSmote, D::Error> {
    Resampler::deserialize(deserializer)
}

fn default_resampler() -> SvmSmote {
    Moods::default().resampler
}

/// The fields of [`SvmSmote`].
#[derive(Deserialize)]
#[serde(remote = "SvmSmote", default = "default_resampler", deny_unknown_fields)]
struct Resampler {
    sampling_strategy: SamplingStrategy,
    k_neighbors: usize,
    m_neighbors: usize,
    out_step: f64,
    empty_group: EmptyGroup,
    danger_share: Option<f64>,
    svm: Svc,
    small_classes: SmallClasses,
    strict: bool,
}
