//! The list: one entry a method.

mod adversarial;
mod bilevel;
mod generative;
mod label_resamplers;
mod learners;
#[cfg(feature = "toy")]
mod toy;

use imb_classify::Svc;
use imb_core::{Facts, Kind};
use imb_neural::MlpClassifier;
use imb_resample::{Adasyn, BorderlineSmote, RandomOverSampler, RandomUnderSampler, Smote, SvmSmote};

use crate::build::{class_learner, class_resampler, table_of};
use crate::{Method, Parameter, Preset};

/// Every method there is.
pub static METHODS: &[Method] = &[
    Method {
        name: "random_over_sampler",
        summary: "repeats rows of small classes",
        citation: "Lemaître, Nogueira, Aridas 2017 (JMLR 18)",
        parameters: &[SAMPLING_STRATEGY],
        ..class_resampler::<RandomOverSampler>(Facts {
            reads_values: false,
            ..Facts::of_kind(Kind::OverSampler)
        })
    },
    Method {
        name: "random_under_sampler",
        summary: "leaves out rows of large classes",
        citation: "Lemaître, Nogueira, Aridas 2017 (JMLR 18)",
        parameters: &[
            SAMPLING_STRATEGY,
            Parameter {
                name: "replacement",
                meaning: "whether a row may be drawn more than once",
                form: FLAG,
            },
        ],
        ..class_resampler::<RandomUnderSampler>(Facts {
            reads_values: false,
            ..Facts::of_kind(Kind::UnderSampler)
        })
    },
    Method {
        name: "smote",
        summary: "makes rows on the lines between neighbours of a small class",
        citation: "Chawla, Bowyer, Hall, Kegelmeyer 2002 (doi:10.1613/jair.953)",
        parameters: &[SAMPLING_STRATEGY, K_NEIGHBORS, SMALL_CLASSES],
        ..class_resampler::<Smote>(Facts::of_kind(Kind::OverSampler))
    },
    Method {
        name: "borderline_smote",
        summary: "makes rows from those of a small class that other classes are close to",
        citation: "Han, Wang, Mao 2005 (doi:10.1007/11538059_91)",
        parameters: &[
            SAMPLING_STRATEGY,
            K_NEIGHBORS,
            M_NEIGHBORS,
            Parameter {
                name: "kind",
                meaning: "which rows may be the other end: those of the class, or also the nearest other row",
                form: "borderline-1 or borderline-2",
            },
            SMALL_CLASSES,
            STRICT,
        ],
        ..class_resampler::<BorderlineSmote>(Facts::of_kind(Kind::OverSampler))
    },
    Method {
        name: "svm_smote",
        summary: "makes rows from the support vectors of a small class, inwards and outwards",
        citation: "Nguyen, Cooper, Kamei 2011 (doi:10.1504/IJKESDP.2011.039875)",
        uses: &["svc"],
        parameters: &[
            SAMPLING_STRATEGY,
            K_NEIGHBORS,
            M_NEIGHBORS,
            Parameter {
                name: "out_step",
                meaning: "the longest step outwards, as a part of the way to the neighbour",
                form: POSITIVE,
            },
            Parameter {
                name: "empty_group",
                meaning: "what to do with the share of a group (danger or safe) without support vectors",
                form: "reassign (the other group makes it) or skip (it is not made, as in imbalanced-learn)",
            },
            Parameter {
                name: "danger_share",
                meaning: "the share of new rows that start from support vectors in danger; else drawn from Beta(10, 10)",
                form: "a number from 0 to 1",
            },
            Parameter {
                name: "svm",
                meaning: "the machine whose support vectors are the seeds",
                form: "a table of svc",
            },
            SMALL_CLASSES,
            STRICT,
        ],
        ..class_resampler::<SvmSmote>(Facts::of_kind(Kind::OverSampler))
    },
    Method {
        name: "adasyn",
        summary: "makes more rows from a row of a small class the more other classes surround it",
        citation: "He, Bai, Garcia, Li 2008 (doi:10.1109/IJCNN.2008.4633969)",
        parameters: &[
            SAMPLING_STRATEGY,
            K_NEIGHBORS,
            Parameter {
                name: "rounding",
                meaning: "how shares become whole rows",
                form: "total (delivers the count asked for) or each (as in imbalanced-learn)",
            },
            SMALL_CLASSES,
            STRICT,
        ],
        ..class_resampler::<Adasyn>(Facts::of_kind(Kind::OverSampler))
    },
    bilevel::MOODS,
    bilevel::MOODS_CONTROL,
    bilevel::MUBO,
    Method {
        name: "mlp_classifier",
        summary: "a dense network, trained by mini-batches with Adam",
        citation: "Kingma, Ba 2015 (arXiv:1412.6980)",
        version: imb_neural::VERSION,
        parameters: &[
            Parameter {
                name: "hidden_layers",
                meaning: "the layers between features and output",
                form: "a list of { width = 128, activation = \"relu\" }",
            },
            Parameter {
                name: "loss",
                meaning: "what training minimises",
                form: "cross_entropy or cross_entropy_on_softmax",
            },
            Parameter { name: "batch_size", meaning: "rows in a mini-batch", form: COUNT },
            Parameter {
                name: "adam",
                meaning: "the optimiser's constants",
                form: "a table: learning_rate, beta1, beta2, epsilon",
            },
            Parameter {
                name: "stop",
                meaning: "when training ends",
                form: "{ steps = 20000 }, { epochs = 100 } or { gradient_norm = { at_most = 1e-5, max_epochs = 2000 } }",
            },
        ],
        presets: &[
            Preset {
                name: "moods_released",
                meaning: "the network of MOODS as its released code has it",
                parameters: || table_of(&MlpClassifier::moods_released()),
            },
            Preset {
                name: "moods_sound",
                meaning: "the network of MOODS with ReLU after every hidden layer and the loss on logits",
                parameters: || table_of(&MlpClassifier::moods_sound()),
            },
            Preset {
                name: "adversarial_q",
                meaning: "the classifier Q of the paper on adversarial over-sampling",
                parameters: || table_of(&MlpClassifier::adversarial_q()),
            },
        ],
        ..class_learner::<MlpClassifier>()
    },
    Method {
        name: "svc",
        summary: "a support vector machine with a Gaussian kernel",
        citation: "Chang, Lin 2011 (doi:10.1145/1961189.1961199)",
        parameters: &[
            Parameter { name: "kernel", meaning: "how alike two rows are", form: "rbf or linear" },
            Parameter {
                name: "c",
                meaning: "the cost of a row inside the margin or beyond it",
                form: POSITIVE,
            },
            Parameter {
                name: "gamma",
                meaning: "how fast likeness fades with distance, for rbf",
                form: "scale, auto or { value = 0.1 }",
            },
            Parameter {
                name: "class_weight",
                meaning: "what the cost is multiplied by, class by class",
                form: "equal, balanced or { of = { NAME = 2.0 } }",
            },
            Parameter {
                name: "tolerance",
                meaning: "how far from the optimum the solver may stop",
                form: POSITIVE,
            },
            Parameter {
                name: "cache_megabytes",
                meaning: "memory for rows of the kernel matrix",
                form: POSITIVE,
            },
        ],
        ..class_learner::<Svc>()
    },
    generative::GAN,
    generative::SMOTIFIED_GAN,
    generative::GBO,
    generative::SSG,
    generative::ABSOLUTE_ERROR_CLASSIFIER,
    adversarial::COT,
    adversarial::GAMO,
    adversarial::AO,
    adversarial::DO,
    adversarial::CLASS_WEIGHTED,
    adversarial::TUNED_THRESHOLD,
    label_resamplers::ML_RANDOM_OVER_SAMPLER,
    label_resamplers::ML_ROS,
    label_resamplers::ML_RUS,
    label_resamplers::MLSMOTE,
    label_resamplers::MLSOL,
    label_resamplers::MLTL,
    label_resamplers::MLBOTE,
    generative::AEMLO,
    learners::TREE_C45,
    learners::TREE_CART,
    learners::LINEAR_SVM,
    learners::ML_KNN,
    learners::BINARY_RELEVANCE,
    learners::LABEL_POWERSET,
    learners::CLASSIFIER_CHAIN,
    learners::ENSEMBLE_OF_CLASSIFIER_CHAINS,
    learners::RAKEL,
    learners::CALIBRATED_LABEL_RANKING,
    #[cfg(feature = "toy")]
    toy::TOY_FIT,
    #[cfg(feature = "toy")]
    toy::TOY_LABEL_RESAMPLER,
];

const COUNT: &str = "a whole number of at least 1";
/// What a network is made of or given at once: of more, memory runs out.
const SIZE: &str = "a whole number from 1 to 65536";
const FLAG: &str = "true or false";
const POSITIVE: &str = "a number above 0";

const SAMPLING_STRATEGY: Parameter = Parameter {
    name: "sampling_strategy",
    meaning: "how many rows each class is to have",
    form: "auto, minority, majority, not_minority, not_majority, all, { ratio = 0.5 } or { counts = { NAME = 500 } }; \
           for --set of imb resample also ratio=0.5 and counts=NAME:500",
};

const K_NEIGHBORS: Parameter = Parameter {
    name: "k_neighbors",
    meaning: "how many neighbours of a row in its class may be the other end",
    form: COUNT,
};

const M_NEIGHBORS: Parameter = Parameter {
    name: "m_neighbors",
    meaning: "how many neighbours in the whole set decide whether a row is in danger",
    form: COUNT,
};

const SMALL_CLASSES: Parameter = Parameter {
    name: "small_classes",
    meaning: "what to do with a class that has too few rows for its neighbours",
    form: "error, or shrink (fewer neighbours, and a remark)",
};

const STRICT: Parameter =
    Parameter { name: "strict", meaning: "whether fewer rows than asked for are an error", form: FLAG };
