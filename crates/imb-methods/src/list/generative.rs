//! Samplers whose new rows a trained network makes.

use imb_core::{Facts, Kind};
use imb_neural::generative::{AbsoluteErrorClassifier, Aemlo, Gan, Gbo, SmotifiedGan, Ssg};

use super::{COUNT, FLAG, K_NEIGHBORS, M_NEIGHBORS, POSITIVE, SAMPLING_STRATEGY, SIZE, SMALL_CLASSES};
use crate::build::{class_learner, class_resampler, label_resampler, table_of};
use crate::{Method, Parameter, Preset};

const PAIR: Parameter = Parameter {
    name: "pair",
    meaning: "generator and discriminator, and their training",
    form: "a table: generator_layers, discriminator_layers, adam, batch_size, scale",
};

const EPOCHS: Parameter =
    Parameter { name: "epochs", meaning: "passes over the rows of a class", form: COUNT };

const GENERATOR_ROWS: Parameter = Parameter {
    name: "generator_rows",
    meaning: "rows that the generator starts from in a step",
    form: "a whole number of at least 2",
};

const FACTS: Facts = Facts::of_kind(Kind::OverSampler);
const AHSAN: &str = "Ahsan, Ali, Raihan et al. 2024 (doi:10.1016/j.neunet.2024.106157); reconstructed";

pub(super) const GAN: Method = Method {
    name: "gan",
    summary: "a generator learns to turn noise into rows of a small class",
    citation: "Goodfellow et al. 2014 (arXiv:1406.2661)",
    uses: &["random_over_sampler"],
    parameters: &[SAMPLING_STRATEGY, PAIR, EPOCHS],
    ..class_resampler::<Gan>(FACTS)
};

pub(super) const SMOTIFIED_GAN: Method = Method {
    name: "smotified_gan",
    summary: "a generator learns to turn SMOTE's rows into rows of a small class",
    citation: "Sharma, Singh, Chandra 2022 (doi:10.1109/ACCESS.2022.3158977)",
    uses: &["smote"],
    parameters: &[
        SAMPLING_STRATEGY,
        K_NEIGHBORS,
        SMALL_CLASSES,
        PAIR,
        EPOCHS,
        Parameter { form: "a whole number of at least 2; all of them if there is none", ..GENERATOR_ROWS },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "as the first released script does",
        parameters: || table_of(&SmotifiedGan::as_released()),
    }],
    ..class_resampler::<SmotifiedGan>(FACTS)
};

pub(super) const GBO: Method = Method {
    name: "gbo",
    summary: "a generator learns to turn fresh interpolations into rows of a small class",
    citation: AHSAN,
    uses: &["smote"],
    parameters: &[
        SAMPLING_STRATEGY,
        K_NEIGHBORS,
        SMALL_CLASSES,
        PAIR,
        EPOCHS,
        Parameter { form: "a whole number from 2 to 65536", ..GENERATOR_ROWS },
    ],
    ..class_resampler::<Gbo>(FACTS)
};

pub(super) const SSG: Method = Method {
    name: "ssg",
    summary: "a generator learns to turn SVM-SMOTE's rows into rows of a small class",
    citation: AHSAN,
    uses: &["svm_smote"],
    parameters: &[SAMPLING_STRATEGY, K_NEIGHBORS, M_NEIGHBORS, SMALL_CLASSES, PAIR, EPOCHS, GENERATOR_ROWS],
    ..class_resampler::<Ssg>(FACTS)
};

pub(super) const ABSOLUTE_ERROR_CLASSIFIER: Method = Method {
    name: "absolute_error_classifier",
    summary: "the network that the authors of SMOTified-GAN measured it with",
    citation: "Sharma, Singh, Chandra 2022 (doi:10.1109/ACCESS.2022.3158977)",
    parameters: &[
        Parameter { name: "hidden_layers", meaning: "widths of the hidden layers", form: "a list" },
        Parameter {
            name: "adam",
            meaning: "the optimiser's constants",
            form: "a table: learning_rate, beta1, beta2, epsilon",
        },
        Parameter { name: "batch_size", meaning: "rows in a mini-batch", form: COUNT },
        Parameter { name: "epochs", meaning: "passes over the rows", form: COUNT },
    ],
    ..class_learner::<AbsoluteErrorClassifier>()
};

const WEIGHT: &str = "a number of at least 0";
const WIDTHS: &str = "a list of whole numbers up to 65536, such as [512]; it may be empty";

pub(super) const AEMLO: Method = Method {
    name: "aemlo",
    summary: "encodes and decodes rows with rare labels; the network gives new features and labels",
    citation: "Zhou, Liu, Wang, Sun, Liu 2024 (doi:10.1007/978-3-031-70368-3_7)",
    parameters: &[
        Parameter {
            name: "sampling_rate",
            meaning: "how many rows are made at most, as a share of all (p)",
            form: POSITIVE,
        },
        Parameter { name: "alpha", meaning: "the weight of the feature loss (α)", form: WEIGHT },
        Parameter { name: "beta", meaning: "the weight of the label loss (β)", form: WEIGHT },
        Parameter { name: "latent_weight", meaning: "the weight of the latent loss (Φ)", form: WEIGHT },
        Parameter {
            name: "orthonormality",
            meaning: "the weight of the orthonormality of the latent units within the latent loss (λ of eq. 3)",
            form: WEIGHT,
        },
        Parameter {
            name: "distances",
            meaning: "the weight of the distances between rows within the feature loss (λ of eq. 5)",
            form: WEIGHT,
        },
        Parameter { name: "latent_units", meaning: "the units of the latent space (l)", form: SIZE },
        Parameter {
            name: "feature_encoder",
            meaning: "the units of each layer of the features' encoder before the latent one",
            form: WIDTHS,
        },
        Parameter {
            name: "label_encoder",
            meaning: "the units of each layer of the labels' encoder before the latent one",
            form: WIDTHS,
        },
        Parameter {
            name: "label_encoder_end",
            meaning: "what the labels' encoder does behind these layers",
            form: "plain (a latent layer with an activation) or gated (a gate, and one without, as released)",
        },
        Parameter {
            name: "feature_decoder",
            meaning: "the units of each layer of the features' decoder before its last",
            form: WIDTHS,
        },
        Parameter {
            name: "label_decoder",
            meaning: "the units of each layer of the labels' decoder before its last",
            form: WIDTHS,
        },
        Parameter {
            name: "slope",
            meaning: "what the activations multiply sums below zero by",
            form: WEIGHT,
        },
        Parameter {
            name: "reconstruction",
            meaning: "how the losses of features and labels are averaged",
            form: "squared or as_released (absolute errors, the feature loss divided by the rows once more)",
        },
        Parameter {
            name: "seed_labels",
            meaning: "which labels make a row a seed",
            form: "imr_and_irlbl (ImR above 10 and IRLbl above MeanIR) or irlbl (IRLbl above MeanIR)",
        },
        Parameter {
            name: "seed_order",
            meaning: "the order in which seeds are taken",
            form: "random or in_turn",
        },
        Parameter {
            name: "thresholds",
            meaning: "from which score on a label is given",
            form: "tuned (the best F1 of the label on validation rows) or half (0.5)",
        },
        Parameter {
            name: "validation_share",
            meaning: "the share of the training rows on which thresholds are tuned if no validation rows are given",
            form: "a number of at least 0 and below 1",
        },
        Parameter {
            name: "scaling",
            meaning: "how columns are scaled while the network works",
            form: "min_max or none",
        },
        Parameter {
            name: "adam",
            meaning: "the optimiser's constants",
            form: "a table: learning_rate, beta1, beta2, epsilon",
        },
        Parameter {
            name: "batch_size",
            meaning: "rows in a mini-batch",
            form: "a whole number of at least 2",
        },
        Parameter { name: "epochs", meaning: "passes over the training rows", form: COUNT },
        Parameter {
            name: "keep_best_epoch",
            meaning: "whether the weights of the epoch with the smallest loss are kept, not the last ones",
            form: FLAG,
        },
    ],
    presets: &[
        Preset {
            name: "paper",
            meaning: "as the text of the paper has it",
            parameters: || table_of(&Aemlo::paper()),
        },
        Preset {
            name: "as_released",
            meaning: "as its authors' code does",
            parameters: || table_of(&Aemlo::as_released()),
        },
    ],
    ..label_resampler::<Aemlo>(Facts { uses_validation: true, ..Facts::of_kind(Kind::OverSampler) })
};
