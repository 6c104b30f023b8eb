//! Adversarial over-sampling, and the plain settings that it is compared with.

use imb_core::{Facts, Kind};
use imb_neural::adversarial::{Ao, Cot, Do, Gamo};
use imb_neural::{ClassWeighted, MlpClassifier, TunedThreshold};

use super::{COUNT, FLAG, SIZE};
use crate::build::{class_learner, class_learner_and_resampler, table_of};
use crate::{Method, Parameter, Preset};

const NETWORK: Parameter = Parameter {
    name: "classifier",
    meaning: "the network, its optimiser, batch size and stopping rule",
    form: "a table of mlp_classifier",
};

const GAME: Parameter = Parameter {
    name: "game",
    meaning: "the players and their training",
    form: "a table: classifier, generator_layers, critic_layers, n_noise, adam, critic_steps, penalty_weight, critic_weight, max_mixed_rows",
};

const INSIDE: &[&str] = &["mlp_classifier"];
const AO_DO: &str = "Dam, Ferdaus et al. 2021 (arXiv:2108.10697)";

pub(super) const COT: Method = Method {
    name: "cot",
    summary: "a network whose second loss flattens the probabilities of the wrong classes",
    citation: "Chen, Wang, Liu, Chang, Pan, Chen, Wei, Juan 2019 (arXiv:1903.01182)",
    uses: INSIDE,
    parameters: &[
        NETWORK,
        Parameter { name: "complement", meaning: "the second loss", form: "exact or as_coded" },
        Parameter {
            name: "optimizer",
            meaning: "what takes both kinds of steps",
            form: "adam or { sgd = { learning_rate = 0.1, momentum = 0.9, weight_decay = 1e-4 } }",
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "as the released code does",
        parameters: || table_of(&Cot::as_released()),
    }],
    around: Some(&["classifier"]),
    ..class_learner::<Cot>()
};

pub(super) const GAMO: Method = Method {
    name: "gamo",
    summary: "mixes rows of a class so that a classifier errs and a discriminator believes them",
    citation: "Mullick, Datta, Das 2019 (arXiv:1903.09730)",
    uses: INSIDE,
    parameters: &[
        NETWORK,
        Parameter {
            name: "generator_layers",
            meaning: "widths of the generator's layers below the last",
            form: "a list",
        },
        Parameter {
            name: "discriminator_layers",
            meaning: "widths of the discriminator's hidden layers",
            form: "a list",
        },
        Parameter { name: "n_noise", meaning: "numbers that a generated row starts from", form: SIZE },
        Parameter { name: "generator_rows", meaning: "noise vectors of a generator's step", form: SIZE },
        Parameter {
            name: "label_noise",
            meaning: "the most that a target of the discriminator is moved",
            form: "a number from 0 to 1",
        },
        Parameter {
            name: "adam",
            meaning: "the optimiser of discriminator and generator",
            form: "a table: learning_rate, beta1, beta2, epsilon",
        },
        Parameter {
            name: "as_released",
            meaning: "whether Adam and batch normalisation count as the released code does",
            form: FLAG,
        },
        Parameter { name: "max_mixed_rows", meaning: "the most rows of a class that are mixed", form: COUNT },
    ],
    presets: &[
        Preset {
            name: "as_released",
            meaning: "as the released code does",
            parameters: || table_of(&Gamo::as_released()),
        },
        Preset {
            name: "with_adversarial_q",
            meaning: "with the classifier Q of the paper on AO and DO",
            parameters: || table_of(&Gamo::with_adversarial_q()),
        },
    ],
    around: Some(&["classifier"]),
    ..class_learner_and_resampler::<Gamo>()
};

pub(super) const AO: Method = Method {
    name: "ao",
    summary: "three players: a generator of convex mixtures fools a classifier and a critic",
    citation: AO_DO,
    uses: INSIDE,
    parameters: &[GAME],
    around: Some(&["game", "classifier"]),
    ..class_learner_and_resampler::<Ao>()
};

pub(super) const DO: Method = Method {
    name: "do",
    summary: "as ao, but the generator favours the classifier",
    citation: AO_DO,
    uses: INSIDE,
    parameters: &[
        Parameter {
            name: "sampling_fraction",
            meaning: "how often the rarest class is generated, relative to the most frequent one",
            form: "a number from 0 to 1",
        },
        GAME,
    ],
    around: Some(&["game", "classifier"]),
    ..class_learner_and_resampler::<Do>()
};

pub(super) const CLASS_WEIGHTED: Method = Method {
    name: "class_weighted",
    summary: "a network on rows weighted so that all classes weigh the same",
    citation: "King, Zeng 2001 (doi:10.1093/oxfordjournals.pan.a004868)",
    uses: INSIDE,
    parameters: &[NETWORK],
    around: Some(&["classifier"]),
    ..class_learner::<ClassWeighted<MlpClassifier>>()
};

pub(super) const TUNED_THRESHOLD: Method = Method {
    name: "tuned_threshold",
    summary: "a network whose threshold is chosen on validation rows",
    citation: "Provost 2000 (AAAI workshop WS-00-05)",
    uses: INSIDE,
    parameters: &[NETWORK],
    facts: Facts { uses_validation: true, ..Facts::of_kind(Kind::Learner) },
    around: Some(&["classifier"]),
    ..class_learner::<TunedThreshold<MlpClassifier>>()
};
