//! Outer loops that choose the training set by retraining.

use imb_bilevel::{Moods, MoodsControl, Mubo};
use imb_core::{Facts, Kind};

use super::{COUNT, FLAG};
use crate::build::{class_learner, class_learner_and_resampler, table_of};
use crate::{Method, Parameter, Preset};

const CLASSIFIER: Parameter = Parameter {
    name: "classifier",
    meaning: "the network, its inner loop and when that stops",
    form: "a table of mlp_classifier",
};

const MAX_STEPS: Parameter =
    Parameter { name: "max_steps", meaning: "outer steps, accepted or not", form: COUNT };

const SHARE_STEPS: Parameter = Parameter {
    name: "share_steps",
    meaning: "whether the gradient steps of the classifier's rule are for all trainings together",
    form: FLAG,
};

pub(super) const MOODS: Method = Method {
    name: "moods",
    summary: "grows a set of majority rows and SVM-SMOTE's rows while a network trained on it improves",
    citation: "Medlin, Leyffer, Raghavan 2025 (arXiv:2506.11315)",
    version: 2,
    uses: &["svm_smote", "mlp_classifier"],
    parameters: MOODS_PARAMETERS,
    presets: &[
        Preset {
            name: "as_released",
            meaning: "as the released code does",
            parameters: || table_of(&Moods::as_released()),
        },
        Preset {
            name: "paper",
            meaning: "as Algorithm 1 of the paper has it",
            parameters: || table_of(&Moods::paper()),
        },
    ],
    facts: Facts { uses_validation: true, keeps_best: true, ..Facts::of_kind(Kind::Combined) },
    caution: Some(
        "moods makes rows for its own network: on five sets, logistic regression and forests that were fitted on \
         them lost more often than they won. It uses columns as they are: scale them first",
    ),
    around: Some(&["classifier"]),
    ..class_learner_and_resampler::<Moods>()
};

pub(super) const MOODS_CONTROL: Method = Method {
    name: "moods_control",
    summary: "MOODS without its choice of rows: only its set sizes or its training time",
    citation: "after Medlin, Leyffer, Raghavan 2025 (arXiv:2506.11315)",
    uses: &["moods", "random_under_sampler", "smote", "mlp_classifier"],
    parameters: &[
        Parameter { name: "moods", meaning: "the search that is run first", form: "a table of moods" },
        Parameter {
            name: "keep_sizes",
            meaning: "whether rows are sampled blindly to the sizes that the search ended with",
            form: FLAG,
        },
        Parameter {
            name: "keep_steps",
            meaning: "whether the network takes as many gradient steps as the search did",
            form: FLAG,
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "with the search of the released code",
        parameters: || table_of(&MoodsControl { moods: Moods::as_released(), ..MoodsControl::default() }),
    }],
    facts: Facts { uses_validation: true, ..Facts::of_kind(Kind::Learner) },
    around: Some(&["moods", "classifier"]),
    ..class_learner::<MoodsControl>()
};

pub(super) const MUBO: Method = Method {
    name: "mubo",
    summary: "grows a set of majority rows while their loss after retraining stays low",
    citation: "Medlin, Leyffer, Raghavan 2024 (arXiv:2410.11171)",
    uses: &["mlp_classifier"],
    parameters: &[
        CLASSIFIER,
        Parameter {
            name: "gradient_norm",
            meaning: "where the classifier stops by the norm of its gradient: that norm instead",
            form: "a number above 0",
        },
        MAX_STEPS,
        SHARE_STEPS,
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "as the released code does",
        parameters: || table_of(&Mubo::as_released()),
    }],
    facts: Facts { keeps_best: true, ..Facts::of_kind(Kind::Combined) },
    caution: Some(
        "mubo uses columns as they are: scale them first. It draws rows with replacement: of a majority that is not \
         much larger than the minority it may return more rows than it was given",
    ),
    around: Some(&["classifier"]),
    ..class_learner_and_resampler::<Mubo>()
};

const MOODS_PARAMETERS: &[Parameter] = &[
    CLASSIFIER,
    Parameter { name: "resampler", meaning: "what makes minority rows", form: "a table of svm_smote" },
    Parameter {
        name: "restart_resampler",
        meaning: "whether the resampler's generator is set back before each call",
        form: FLAG,
    },
    Parameter {
        name: "objectives",
        meaning: "what must improve on the validation rows; with none, every proposal is accepted",
        form: "a list of { metric = \"macro_f1_score\", margin = 0.0 }",
    },
    MAX_STEPS,
    Parameter { name: "start", meaning: "what the first accepted set grows from", form: "burn_in or half" },
    Parameter {
        name: "start_leaves_pool",
        meaning: "whether the majority rows of the start leave the pool, so that they are not drawn again",
        form: FLAG,
    },
    Parameter {
        name: "first_batch",
        meaning: "majority rows of the first batch",
        form: "minority or half_minority",
    },
    Parameter {
        name: "draw",
        meaning: "how majority rows are drawn from the pool",
        form: "weighted or uniform",
    },
    Parameter {
        name: "smallest_batch",
        meaning: "a batch stays as it is once it is this small",
        form: COUNT,
    },
    Parameter {
        name: "drop_synthetic",
        meaning: "whether synthetic rows are dropped where the minority is no smaller than the majority",
        form: FLAG,
    },
    Parameter { name: "warm_start", meaning: "whether one network goes on from step to step", form: FLAG },
    SHARE_STEPS,
];
