//! The registry of methods: one list that help, experiments and tests read.
//!
//! A [`Method`] says what it does, where it comes from, which parameters it has and which [`Role`]s it
//! plays, and builds itself from TOML. A new method is one file in its crate and one entry in
//! [`METHODS`].
//!
//! ```
//! use imb_core::{Dataset, Device, Labels, Run, Seed, Train};
//! use imb_methods::method;
//! use ndarray::array;
//!
//! let smote = method("smote")?;
//! assert!(smote.parameters.iter().any(|parameter| parameter.name == "k_neighbors"));
//! let resampler = smote.resampler::<Labels>("k_neighbors = 1".parse().expect("TOML"))?;
//!
//! let y = Labels::from_texts(&["rare", "rare", "often", "often", "often"]);
//! let train = Train { rows: Dataset::unnamed(array![[0.0], [1.0], [5.0], [6.0], [7.0]], y)?, validation: None };
//! let mut run = Run { rng: &mut Seed::new(7).rng(), observer: &mut (), device: Device::Cpu, budget: None };
//! assert_eq!(resampler.resample(&train, &mut run)?.delivery[0].delivered, 1);
//! # Ok::<(), imb_core::Error>(())
//! ```

mod base;
mod build;
mod list;
mod parameters;

pub use base::Base;
pub use build::{BuildFit, BuildResampler, Builds};
pub use list::METHODS;
pub use parameters::parse_parameter;

use imb_core::{Error, Facts, Fit, LabelMatrix, Labels, Resample, Result};
use serde::Serialize;

/// A method of the registry.
#[derive(Clone, Copy, Serialize)]
pub struct Method {
    /// The name to ask for it by.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Where it comes from.
    pub citation: &'static str,
    /// Raised when the same seed may give other results than before.
    pub version: u32,
    /// Methods that work inside this one: their versions count as its own.
    pub uses: &'static [&'static str],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Named sets of parameters, such as those of released code.
    pub presets: &'static [Preset],
    /// What it promises.
    pub facts: Facts,
    /// What one should know before one uses its rows.
    pub caution: Option<&'static str>,
    /// Where among its parameters the learner stands that it trains inside, if it does.
    pub around: Option<&'static [&'static str]>,
    /// The parts it can play.
    #[serde(skip)]
    pub roles: &'static [Role],
    #[serde(skip)]
    pub(crate) complete: fn(&str, toml::Table) -> Result<toml::Table>,
}

/// A parameter of a method.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it decides.
    pub meaning: &'static str,
    /// What a value looks like.
    pub form: &'static str,
}

/// A named set of parameters.
#[derive(Clone, Copy, Serialize)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// The parameters.
    #[serde(skip)]
    pub parameters: fn() -> toml::Table,
}

/// A part that a method can play, with the function that builds it from its parameters.
#[derive(Clone, Copy)]
pub enum Role {
    /// Chooses and makes rows of one class each.
    ResampleClasses(BuildResampler<Labels>),
    /// Chooses and makes rows of any number of labels.
    ResampleLabels(BuildResampler<LabelMatrix>),
    /// Learns to predict one class a row.
    FitClasses(BuildFit<Labels>),
    /// Learns to predict any number of labels a row.
    FitLabels(BuildFit<LabelMatrix>),
}

impl Role {
    /// What the role is for, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::ResampleClasses(_) => "resamples classes",
            Self::ResampleLabels(_) => "resamples labels",
            Self::FitClasses(_) => "predicts classes",
            Self::FitLabels(_) => "predicts labels",
        }
    }
}

/// The method of a name.
///
/// # Errors
/// [`Error::UnknownName`] with the known names.
pub fn method(name: &str) -> Result<&'static Method> {
    named(name, |_| true)
}

/// The method of a name, where a resampler is meant.
///
/// # Errors
/// [`Error::UnknownName`] with the names of the resamplers.
pub fn resampling_method(name: &str) -> Result<&'static Method> {
    named(name, |method| method.resamples::<Labels>() || method.resamples::<LabelMatrix>())
}

/// The method of a name, or an error with the names that fit.
fn named(name: &str, fits: impl Fn(&Method) -> bool) -> Result<&'static Method> {
    METHODS.iter().find(|method| method.name == name).ok_or_else(|| Error::UnknownName {
        what: "method".into(),
        name: name.into(),
        known: names(name, fits),
    })
}

/// The names of the methods that satisfy a condition, those most like `name` first.
fn names(name: &str, of: impl Fn(&Method) -> bool) -> String {
    let mut names: Vec<&str> = METHODS.iter().filter(|method| of(method)).map(|method| method.name).collect();
    let name = name.to_lowercase();
    let likeness = |known: &&str| strsim::jaro_winkler(known, &name);
    names.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    names.join(", ")
}

impl Method {
    /// The method as a resampler of targets `Y`. Parameters that are not given have their defaults.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the methods that are resamplers of this kind, if this one is not;
    /// [`Error::InvalidParameter`] for a parameter that it does not have or a value it cannot have.
    pub fn resampler<Y: Builds>(&self, parameters: toml::Table) -> Result<Box<dyn Resample<Y>>> {
        let Some(build) = self.roles.iter().find_map(Y::as_resampler) else {
            return Err(
                self.lacks_role(&format!("resampler of {}", Y::WHAT), |role| Y::as_resampler(role).is_some())
            );
        };
        build(self.name, parameters)
    }

    /// The method as a learner of targets `Y`. Parameters that are not given have their defaults.
    ///
    /// # Errors
    /// As [`resampler`](Self::resampler).
    pub fn learner<Y: Builds>(&self, parameters: toml::Table) -> Result<Box<dyn Fit<Y>>> {
        let Some(build) = self.roles.iter().find_map(Y::as_learner) else {
            return Err(
                self.lacks_role(&format!("learner of {}", Y::WHAT), |role| Y::as_learner(role).is_some())
            );
        };
        build(self.name, parameters)
    }

    /// All parameters with their default values.
    pub fn defaults(&self) -> toml::Table {
        self.completed(toml::Table::new()).expect("nothing has to be given")
    }

    /// These parameters, and all that are left out, with their default values.
    ///
    /// ```
    /// let smote = imb_methods::method("smote")?;
    /// let completed = smote.completed("k_neighbors = 1".parse().expect("TOML"))?;
    /// assert_eq!(completed["k_neighbors"], 1.into());
    /// assert_eq!(completed["small_classes"], smote.defaults()["small_classes"]);
    /// # Ok::<(), imb_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter that the method does not have or a value it cannot have.
    pub fn completed(&self, parameters: toml::Table) -> Result<toml::Table> {
        (self.complete)(self.name, parameters)
    }

    /// Whether the method is a resampler of targets `Y`.
    pub fn resamples<Y: Builds>(&self) -> bool {
        self.roles.iter().any(|role| Y::as_resampler(role).is_some())
    }

    /// Its version and those of the methods inside it, by name.
    pub fn versions(&self) -> Vec<(&'static str, u32)> {
        let inner = self.uses.iter().filter_map(|name| method(name).ok());
        let inner = inner.flat_map(Method::versions);
        let mut versions: Vec<_> = [(self.name, self.version)].into_iter().chain(inner).collect();
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// The parameters of a preset.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the known presets.
    pub fn preset(&self, name: &str) -> Result<toml::Table> {
        let preset = self.presets.iter().find(|preset| preset.name == name);
        preset.map(|preset| (preset.parameters)()).ok_or_else(|| Error::UnknownName {
            what: format!("preset of {}", self.name),
            name: name.into(),
            known: self.presets.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", "),
        })
    }

    fn lacks_role(&self, role: &str, has: impl Fn(&Role) -> bool) -> Error {
        Error::UnknownName {
            what: role.to_owned(),
            name: self.name.into(),
            known: names(self.name, |method| method.roles.iter().any(&has)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_inner_methods_exist() {
        let names: BTreeSet<_> = METHODS.iter().map(|method| method.name).collect();
        assert_eq!(names.len(), METHODS.len());
        for method in METHODS {
            assert!(method.uses.iter().all(|name| names.contains(name)), "{}", method.name);
            assert!(!method.roles.is_empty(), "{}", method.name);
            let texts = [method.name, method.summary, method.citation];
            assert!(texts.iter().all(|text| !text.is_empty()), "{texts:?}");
        }
    }

    #[test]
    fn no_method_takes_a_parameter_that_it_does_not_have() {
        let stray: toml::Table = "no_such_parameter = 1".parse().expect("TOML");
        for method in METHODS {
            assert!(method.resampler::<Labels>(stray.clone()).is_err(), "{}", method.name);
            assert!(method.resampler::<LabelMatrix>(stray.clone()).is_err(), "{}", method.name);
            assert!(method.learner::<Labels>(stray.clone()).is_err(), "{}", method.name);
            assert!(method.learner::<LabelMatrix>(stray.clone()).is_err(), "{}", method.name);
        }
    }

    /// Help cannot speak of a parameter that is not there, nor leave one out.
    #[test]
    fn documented_parameters_are_those_that_there_are() {
        for method in METHODS {
            let there: BTreeSet<String> = method.defaults().keys().cloned().collect();
            let documented: BTreeSet<String> =
                method.parameters.iter().map(|parameter| parameter.name.to_owned()).collect();
            assert!(there.is_subset(&documented), "{}: {there:?} but {documented:?}", method.name);
            for extra in documented.difference(&there) {
                // A default of "none" has no place in TOML.
                let probe: toml::Table = [(extra.clone(), toml::Value::Integer(1))].into_iter().collect();
                let errors = method.roles.iter().filter_map(|role| match role {
                    Role::ResampleClasses(build) => build(method.name, probe.clone()).err(),
                    Role::ResampleLabels(build) => build(method.name, probe.clone()).err(),
                    Role::FitClasses(build) => build(method.name, probe.clone()).err(),
                    Role::FitLabels(build) => build(method.name, probe.clone()).err(),
                });
                for error in errors {
                    assert!(!error.to_string().contains("unknown field"), "{}: {error}", method.name);
                }
            }
        }
    }

    #[test]
    fn defaults_and_presets_build() {
        for method in METHODS {
            let tables = method.presets.iter().map(|preset| (preset.parameters)());
            for parameters in tables.chain([method.defaults(), toml::Table::new()]) {
                for role in method.roles {
                    let built = match role {
                        Role::ResampleClasses(build) => build(method.name, parameters.clone()).map(drop),
                        Role::ResampleLabels(build) => build(method.name, parameters.clone()).map(drop),
                        Role::FitClasses(build) => build(method.name, parameters.clone()).map(drop),
                        Role::FitLabels(build) => build(method.name, parameters.clone()).map(drop),
                    };
                    built.expect(method.name);
                }
            }
        }
    }

    #[test]
    fn roles_and_parameters_that_a_method_does_not_have_are_refused_with_the_known_ones() {
        let error = method("smote").expect("known").learner::<Labels>(toml::Table::new());
        let error = error.err().expect("no learner").to_string();
        assert!(error.contains("mlp_classifier"), "{error}");
        let unknown: toml::Table = "k_neighbours = 3".parse().expect("TOML");
        let error = method("smote").expect("known").resampler::<Labels>(unknown).err();
        let error = error.expect("no such parameter").to_string();
        let theirs = toml::Table::from_iter([("n_neighbors".to_owned(), 3.into())]);
        assert!(
            method("adasyn").expect("known").resampler::<Labels>(theirs).is_ok(),
            "imbalanced-learn's name"
        );
        let expected = "unknown parameter of smote \"k_neighbours\"; known: sampling_strategy, k_neighbors";
        assert!(error.starts_with(expected), "{error}");
        let wrong: toml::Table = "k_neighbors = \"many\"".parse().expect("TOML");
        let error = method("smote").expect("known").resampler::<Labels>(wrong).err();
        let error = error.expect("no number").to_string();
        assert!(error.starts_with("k_neighbors must be a whole number of at least 1, but is "), "{error}");
        assert!(method("smoote").err().expect("unknown").to_string().contains("random_over_sampler"));
    }
}
