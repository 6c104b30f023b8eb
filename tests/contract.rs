//! The contract of every method of the registry, each called from its own crate too.

use imb_classify::contract::{fit_classes, fit_labels};
use imb_core::{Kind, LabelMatrix, Labels};
use imb_methods::{METHODS, Method, Role};
use imb_resample::contract::{Change, MultiLabelFacts, multi_label, single_label};

/// All resamplers of classes except those that train networks, which are tested in their own crate: the generative
/// ones by the same contract with short trainings, AO, DO, GAMO, MOODS and MUBO by `trained_single_label`.
#[test]
fn resamplers_of_classes_keep_their_promises() {
    let is_sampler = |method: &&Method| method.resamples::<Labels>() && method.facts.kind != Kind::Combined;
    for method in METHODS.iter().filter(is_sampler).filter(|method| !is_trained(method)) {
        single_label(method.name, method.facts, &|parameters| {
            method.resampler::<Labels>(toml::from_str(parameters).expect("TOML"))
        });
    }
}

/// Whether a method trains networks, as a learner or for many epochs.
fn is_trained(method: &Method) -> bool {
    let learns = method.roles.iter().any(|role| matches!(role, Role::FitClasses(_)));
    learns || method.parameters.iter().any(|parameter| parameter.name == "epochs")
}

#[test]
fn resamplers_of_labels_keep_their_promises() {
    for method in METHODS.iter().filter(|method| method.resamples::<LabelMatrix>()) {
        let change = match (method.facts.kind, method.facts.reads_values, method.name) {
            (Kind::UnderSampler, ..) => Change::Removes,
            (_, _, "mlbote") => Change::MakesAndClears,
            (_, false, _) => Change::Copies,
            _ => Change::Makes,
        };
        let facts = MultiLabelFacts {
            change,
            budget: None,
            random: !matches!(method.name, "mltl" | "toy_label_resampler"),
            leaves_equal_counts: matches!(method.name, "mlsmote" | "ml_ros" | "ml_rus" | "mltl"),
            ignores_label_order: method.name == "mltl",
            too_few_rows: if method.name == "mlsmote" || !method.facts.reads_values { 0 } else { 1 },
            labels_new_rows: matches!(method.name, "mlsmote" | "ml_ros" | "aemlo"),
        };
        let built = method.resampler::<LabelMatrix>(toml::Table::new()).expect(method.name);
        multi_label(method.name, &*built, facts);
    }
}

/// With their default parameters; a budget caps what they train.
#[test]
fn learners_keep_their_promises() {
    for method in METHODS {
        if method.roles.iter().any(|role| matches!(role, Role::FitClasses(_))) {
            fit_classes(method.name, &*method.learner::<Labels>(toml::Table::new()).expect(method.name));
        }
        if method.roles.iter().any(|role| matches!(role, Role::FitLabels(_))) {
            fit_labels(method.name, &*method.learner::<LabelMatrix>(toml::Table::new()).expect(method.name));
        }
    }
}
