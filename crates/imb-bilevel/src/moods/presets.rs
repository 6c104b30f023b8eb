//! The parameters of MOODS: as one would use it, as the released code has them, and as the paper has them.

use imb_neural::{MlpClassifier, Stop};
use imb_resample::{EmptyGroup, SvmSmote};

use super::{Draw, Moods, Size, Start};
use crate::objective::Objective;

impl Default for Moods {
    /// [`as_released`](Self::as_released), but with the network of [`MlpClassifier::moods_sound`], 2,000
    /// gradient steps per training, and an SVM-SMOTE that makes all rows it is asked for.
    fn default() -> Self {
        Self {
            classifier: MlpClassifier { stop: Stop::Steps(2_000), ..MlpClassifier::moods_sound() },
            resampler: SvmSmote { k_neighbors: 1, ..SvmSmote::default() },
            restart_resampler: false,
            ..Self::as_released()
        }
    }
}

impl Moods {
    /// The method of the released code.
    pub fn as_released() -> Self {
        Self {
            classifier: MlpClassifier::moods_released(),
            // The released integer seed draws this share in every call.
            resampler: SvmSmote {
                k_neighbors: 1,
                empty_group: EmptyGroup::Skip,
                danger_share: Some(0.4703),
                ..SvmSmote::default()
            },
            restart_resampler: true,
            objectives: objectives([1e-9, 1e-5]),
            max_steps: 9,
            start: Start::BurnIn,
            start_leaves_pool: false,
            first_batch: Size::Minority,
            draw: Draw::Weighted,
            smallest_batch: 10,
            drop_synthetic: true,
            warm_start: true,
            share_steps: false,
        }
    }

    /// The method of the paper's Algorithm 1, as far as it can be run. The network is initialised anew for
    /// each proposal and trained as long as it would be without an outer loop.
    pub fn paper() -> Self {
        Self {
            classifier: MlpClassifier::moods_sound(),
            resampler: SvmSmote { k_neighbors: 1, ..SvmSmote::default() },
            restart_resampler: false,
            objectives: objectives([0.0, 0.0]),
            max_steps: 9,
            start: Start::Half,
            start_leaves_pool: true,
            first_batch: Size::HalfMinority,
            draw: Draw::Weighted,
            smallest_batch: 1,
            drop_synthetic: false,
            warm_start: false,
            share_steps: false,
        }
    }
}

/// The paper's two objectives, with these margins.
fn objectives([macro_f1, minority_f1]: [f64; 2]) -> Vec<Objective> {
    vec![
        Objective { metric: "macro_f1_score".into(), margin: macro_f1 },
        Objective { metric: "minority_f1_score".into(), margin: minority_f1 },
    ]
}
