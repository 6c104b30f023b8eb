//! Methods in which a network that reconstructs rows makes new ones.

use imb_core::{Facts, Kind};
use imb_neural::generative::Aemlo;

use super::{COUNT, FLAG, POSITIVE};
use crate::build::{label_resampler, table_of};
use crate::{Method, Parameter, Preset};

const WEIGHT: &str = "a number of at least 0";
const WIDTHS: &str = "a list of whole numbers, such as [512]; it may be empty";

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
        Parameter { name: "latent_units", meaning: "the units of the latent space (l)", form: COUNT },
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
