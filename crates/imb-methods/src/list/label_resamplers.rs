//! Resamplers of multi-label rows.

use imb_core::{Facts, Kind};
use imb_resample::{MlRandomOverSampler, MlRos, MlRus, Mlbote, Mlsmote, Mlsol, Mltl};

use super::{COUNT, FLAG, POSITIVE};
use crate::build::{label_resampler, table_of};
use crate::{Method, Parameter, Preset};

const RATE: Parameter = Parameter {
    name: "sampling_rate",
    meaning: "how many rows are added or removed at most, as a share of all",
    form: POSITIVE,
};

const RETIREMENT: Parameter = Parameter {
    name: "retirement",
    meaning: "when a label takes no more part",
    form: "after_pick, before_pick, moving_mean or never",
};

const MULAN: &str = "as mulan does";

pub(super) const ML_RANDOM_OVER_SAMPLER: Method = Method {
    name: "ml_random_over_sampler",
    summary: "repeats rows at random, with their labels",
    citation: "the seeds: Zhou, Liu, Wang, Sun, Liu 2024 (doi:10.1007/978-3-031-70368-3_7)",
    parameters: &[
        RATE,
        Parameter {
            name: "rows",
            meaning: "which rows are repeated: any, or those with a label of ImR above 10 and IRLbl above MeanIR",
            form: "any or minority",
        },
    ],
    ..label_resampler::<MlRandomOverSampler>(Facts {
        reads_values: false,
        ..Facts::of_kind(Kind::OverSampler)
    })
};

pub(super) const ML_ROS: Method = Method {
    name: "ml_ros",
    summary: "repeats rows with rare labels",
    citation: "Charte, Rivera, del Jesus, Herrera 2015 (doi:10.1016/j.neucom.2014.08.091)",
    parameters: &[RATE, RETIREMENT],
    presets: &[Preset {
        name: "as_released",
        meaning: MULAN,
        parameters: || table_of(&MlRos::as_released()),
    }],
    ..label_resampler::<MlRos>(Facts { reads_values: false, ..Facts::of_kind(Kind::OverSampler) })
};

pub(super) const ML_RUS: Method = Method {
    name: "ml_rus",
    summary: "leaves out rows of frequent labels",
    citation: "Charte, Rivera, del Jesus, Herrera 2015 (doi:10.1016/j.neucom.2014.08.091)",
    parameters: &[
        RATE,
        RETIREMENT,
        Parameter {
            name: "protect_rare",
            meaning: "whether rows with a label of IRLbl above MeanIR stay",
            form: FLAG,
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: MULAN,
        parameters: || table_of(&MlRus::as_released()),
    }],
    ..label_resampler::<MlRus>(Facts { reads_values: false, ..Facts::of_kind(Kind::UnderSampler) })
};

pub(super) const MLSMOTE: Method = Method {
    name: "mlsmote",
    summary: "makes rows between neighbours with the same rare label; neighbours vote on the labels",
    citation: "Charte, Rivera, del Jesus, Herrera 2015 (doi:10.1016/j.knosys.2015.07.019)",
    parameters: &[
        Parameter {
            name: "k_neighbors",
            meaning: "how many neighbours vote and may be the other end",
            form: COUNT,
        },
        Parameter {
            name: "label_rule",
            meaning: "how many of a row and its neighbours must have a label",
            form: "more_than_half, at_least_half, union or intersection",
        },
        Parameter {
            name: "rare_labels",
            meaning: "which labels are rare, by IRLbl against MeanIR",
            form: "above_mean or at_least_mean",
        },
        Parameter { name: "partners", meaning: "which rows a bag holds", form: "originals or growing" },
        Parameter { name: "ranges", meaning: "whose ranges scale the numbers", form: "all_rows or bag" },
        Parameter {
            name: "keep_ties",
            meaning: "whether all rows at the k-th distance are neighbours",
            form: FLAG,
        },
        Parameter {
            name: "small_bags",
            meaning: "what to do with a bag that has too few rows for its neighbours",
            form: "error or shrink",
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: MULAN,
        parameters: || table_of(&Mlsmote::as_released()),
    }],
    ..label_resampler::<Mlsmote>(Facts::of_kind(Kind::OverSampler))
};

pub(super) const MLSOL: Method = Method {
    name: "mlsol",
    summary: "makes more rows where neighbours disagree about the labels",
    citation: "Liu, Tsoumakas 2020 (doi:10.1007/978-3-030-46147-8_11)",
    parameters: &[
        RATE,
        Parameter { name: "k_neighbors", meaning: "how many neighbours surround a row", form: COUNT },
        Parameter {
            name: "safe_below",
            meaning: "an entry with a smaller share of other values around it is safe",
            form: "a number from 0 to 1",
        },
        Parameter {
            name: "borderline_below",
            meaning: "an entry that is not safe, with a smaller share, is borderline",
            form: "a number from 0 to 1",
        },
        Parameter {
            name: "rare_rule",
            meaning: "which neighbours make a rare entry borderline",
            form: "safe_or_borderline or safe",
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: MULAN,
        parameters: || table_of(&Mlsol::as_released()),
    }],
    ..label_resampler::<Mlsol>(Facts::of_kind(Kind::OverSampler))
};

pub(super) const MLTL: Method = Method {
    name: "mltl",
    summary: "leaves out rows of frequent labels that resemble rows with other labels",
    citation: "Pereira, Costa, Silla 2020 (doi:10.1016/j.neucom.2019.11.076)",
    parameters: &[
        Parameter {
            name: "threshold",
            meaning: "from which difference of labels on a row goes",
            form: "auto or { above = 0.5 }",
        },
        Parameter {
            name: "labels_in_distance",
            meaning: "whether the distance spans the labels too",
            form: FLAG,
        },
        Parameter { name: "k_neighbors", meaning: "how many neighbours are compared", form: COUNT },
        Parameter {
            name: "cleaning",
            meaning: "whether all rows are looked at, not only those of frequent labels",
            form: FLAG,
        },
        Parameter {
            name: "scumble_of_empty_rows",
            meaning: "whether rows without labels have a SCUMBLE of 0",
            form: FLAG,
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "as its author's code does",
        parameters: || table_of(&Mltl::as_released()),
    }],
    ..label_resampler::<Mltl>(Facts::of_kind(Kind::UnderSampler))
};

pub(super) const MLBOTE: Method = Method {
    name: "mlbote",
    summary: "makes rows at the borders of labels, clears labels and repeats rows across borders",
    citation: "Teng, Cao, Huang, Gao, Wang 2024 (doi:10.1016/j.patcog.2023.109953)",
    parameters: &[
        RATE,
        Parameter {
            name: "cross_threshold",
            meaning: "above this ratio a cross-border row is a seed",
            form: "a number of at least 1",
        },
        Parameter { name: "border_neighbors", meaning: "neighbours that make a border", form: COUNT },
        Parameter { name: "weight_neighbors", meaning: "neighbours that weigh a row", form: COUNT },
        Parameter { name: "noise_neighbors", meaning: "neighbours by which noise is told", form: COUNT },
        Parameter { name: "loops", meaning: "the number of rounds", form: COUNT },
        Parameter {
            name: "balance",
            meaning: "how many times more the rarest label weighs, less 1",
            form: "a number of at least 0",
        },
        Parameter {
            name: "ratio_threshold",
            meaning: "labels with a larger share of negatives to positives are sampled",
            form: "a number of at least 0",
        },
        Parameter {
            name: "lose_noise_of_row_0",
            meaning: "whether noise in row 0 is lost where later noise follows, as released",
            form: FLAG,
        },
        Parameter {
            name: "void_weightless_labels",
            meaning: "whether a label whose border rows weigh nothing takes their weight away, as released",
            form: FLAG,
        },
        Parameter {
            name: "round_each_loop",
            meaning: "whether the rows of each round are rounded, as released",
            form: FLAG,
        },
        Parameter {
            name: "share_partners",
            meaning: "whether copies of a seed in small label sets share a partner, as released",
            form: FLAG,
        },
        Parameter {
            name: "copy_zero_rows",
            meaning: "whether a seed whose numbers are all 0 is copied, as released",
            form: FLAG,
        },
        Parameter {
            name: "forget_last_rows",
            meaning: "whether the last round's cross-border rows go uncounted, as released",
            form: FLAG,
        },
    ],
    presets: &[Preset {
        name: "as_released",
        meaning: "as its authors' code does",
        parameters: || table_of(&Mlbote::as_released()),
    }],
    ..label_resampler::<Mlbote>(Facts::of_kind(Kind::OverSampler))
};
