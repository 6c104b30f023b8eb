//! Learners of classes and of labels.

use imb_classify::multi_label::{
    BinaryRelevance, CalibratedLabelRanking, ClassifierChain, EnsembleOfClassifierChains, LabelPowerset,
    MlKnn, Rakel,
};
use imb_classify::{C45, Cart, LinearSvm};

use super::{COUNT, FLAG, POSITIVE};
use crate::base::Base;
use crate::build::{class_learner, label_learner};
use crate::{Method, Parameter};

const BASE: Parameter = Parameter {
    name: "base",
    meaning: "the learner of each problem",
    form: "{ method = \"c45\" }, { method = \"cart\" } or { method = \"linear_svm\" }, with its parameters",
};

/// What the methods that need a base learner have inside them.
const BASES: &[&str] = &["c45", "cart", "linear_svm"];

pub(super) const TREE_C45: Method = Method {
    name: "c45",
    summary: "a pruned decision tree, as J48 of Weka grows it",
    citation: "Quinlan 1993 (C4.5: Programs for Machine Learning)",
    parameters: &[
        Parameter { name: "prune", meaning: "whether branches are cut after growth", form: FLAG },
        Parameter {
            name: "confidence",
            meaning: "the chance that a leaf's true error rate lies above its estimate; lower prunes more",
            form: "a number above 0 and at most 0.5",
        },
        Parameter {
            name: "raise_subtrees",
            meaning: "whether pruning may replace a node by its largest branch",
            form: FLAG,
        },
        Parameter {
            name: "min_leaf",
            meaning: "rows that two branches of a split need at least",
            form: COUNT,
        },
        Parameter {
            name: "collapse",
            meaning: "whether subtrees that make no fewer training errors than a leaf become leaves",
            form: FLAG,
        },
        Parameter {
            name: "penalize_thresholds",
            meaning: "whether a threshold's gain is lowered by the cost of choosing it",
            form: FLAG,
        },
        Parameter {
            name: "thresholds_from_data",
            meaning: "whether a threshold is a value of the rows rather than a midpoint",
            form: FLAG,
        },
    ],
    ..class_learner::<C45>()
};

pub(super) const TREE_CART: Method = Method {
    name: "cart",
    summary: "an unpruned decision tree by Gini impurity",
    citation: "Breiman, Friedman, Olshen, Stone 1984 (doi:10.1201/9781315139470)",
    parameters: &[
        Parameter {
            name: "max_depth",
            meaning: "the most splits from the root to a leaf; else no limit",
            form: COUNT,
        },
        Parameter {
            name: "min_samples_split",
            meaning: "rows that a node needs to be split",
            form: "a whole number of at least 2",
        },
        Parameter { name: "min_samples_leaf", meaning: "rows that each side of a split needs", form: COUNT },
    ],
    ..class_learner::<Cart>()
};

pub(super) const LINEAR_SVM: Method = Method {
    name: "linear_svm",
    summary: "a linear support vector machine, by dual coordinate descent",
    citation: "Hsieh, Chang, Lin, Keerthi, Sundararajan 2008 (doi:10.1145/1390156.1390208)",
    parameters: &[
        Parameter {
            name: "loss",
            meaning: "what a row inside the margin costs",
            form: "hinge or squared_hinge",
        },
        Parameter { name: "c", meaning: "the penalty of the loss", form: POSITIVE },
        Parameter {
            name: "class_weight",
            meaning: "the factors of the penalty, class by class",
            form: "equal, balanced or { of = { NAME = 2.0 } }",
        },
        Parameter {
            name: "bias",
            meaning: "the value of the feature whose weight is the bias",
            form: "a number; 0 for no bias",
        },
        Parameter {
            name: "tolerance",
            meaning: "how far the gradient may be from optimal at the end",
            form: POSITIVE,
        },
        Parameter { name: "max_iterations", meaning: "the most passes over the rows", form: COUNT },
    ],
    ..class_learner::<LinearSvm>()
};

pub(super) const ML_KNN: Method = Method {
    name: "ml_knn",
    summary: "each label by the labels of the nearest rows, with a prior",
    citation: "Zhang, Zhou 2007 (doi:10.1016/j.patcog.2006.12.019)",
    parameters: &[
        Parameter { name: "k_neighbors", meaning: "the number of neighbours", form: COUNT },
        Parameter { name: "smoothing", meaning: "the number that is added to every count", form: POSITIVE },
        Parameter {
            name: "self_neighbor",
            meaning: "whether a training row counts among its own neighbours, as in scikit-multilearn",
            form: FLAG,
        },
    ],
    ..label_learner::<MlKnn>()
};

pub(super) const BINARY_RELEVANCE: Method = Method {
    name: "binary_relevance",
    summary: "each label by a learner of its own",
    citation: "Boutell, Luo, Shen, Brown 2004 (doi:10.1016/j.patcog.2004.03.009)",
    uses: BASES,
    parameters: &[BASE],
    ..label_learner::<BinaryRelevance<Base>>()
};

pub(super) const LABEL_POWERSET: Method = Method {
    name: "label_powerset",
    summary: "each set of labels that occurs as a class",
    citation: "Tsoumakas, Vlahavas 2007 (doi:10.1007/978-3-540-74958-5_38)",
    uses: BASES,
    parameters: &[BASE],
    ..label_learner::<LabelPowerset<Base>>()
};

const ORDER: Parameter = Parameter {
    name: "order",
    meaning: "the order of the labels in a chain",
    form: "random or natural (as in the data)",
};

pub(super) const CLASSIFIER_CHAIN: Method = Method {
    name: "classifier_chain",
    summary: "each label by a learner that also sees the labels before it",
    citation: "Read, Pfahringer, Holmes, Frank 2011 (doi:10.1007/s10994-011-5256-5)",
    uses: BASES,
    parameters: &[BASE, ORDER],
    ..label_learner::<ClassifierChain<Base>>()
};

pub(super) const ENSEMBLE_OF_CLASSIFIER_CHAINS: Method = Method {
    name: "ensemble_of_classifier_chains",
    summary: "the mean scores of several chains, each on a bootstrap of the rows",
    citation: "Read, Pfahringer, Holmes, Frank 2011 (doi:10.1007/s10994-011-5256-5)",
    uses: BASES,
    parameters: &[
        BASE,
        Parameter { name: "n_chains", meaning: "the number of chains", form: COUNT },
        ORDER,
        Parameter {
            name: "bootstrap",
            meaning: "whether each chain has a bootstrap of the rows, else all of them",
            form: FLAG,
        },
    ],
    ..label_learner::<EnsembleOfClassifierChains<Base>>()
};

pub(super) const RAKEL: Method = Method {
    name: "rakel",
    summary: "the votes of label powersets on small sets of labels",
    citation: "Tsoumakas, Katakis, Vlahavas 2011 (doi:10.1109/TKDE.2010.164)",
    uses: BASES,
    parameters: &[
        BASE,
        Parameter { name: "labelset_size", meaning: "the number of labels in a labelset", form: COUNT },
        Parameter {
            name: "labelsets",
            meaning: "how labelsets are drawn",
            form: "overlapping, disjoint or { distinct = 20 }",
        },
    ],
    ..label_learner::<Rakel<Base>>()
};

pub(super) const CALIBRATED_LABEL_RANKING: Method = Method {
    name: "calibrated_label_ranking",
    summary: "the votes of a learner for each pair of labels, and of each label against a virtual one",
    citation: "Fürnkranz, Hüllermeier, Mencía, Brinker 2008 (doi:10.1007/s10994-008-5064-8)",
    uses: BASES,
    parameters: &[
        BASE,
        Parameter {
            name: "memory_megabytes",
            meaning: "memory that the models of pairs may take; beyond it they are fitted again for each prediction",
            form: "a number of at least 0",
        },
    ],
    ..label_learner::<CalibratedLabelRanking<Base>>()
};
