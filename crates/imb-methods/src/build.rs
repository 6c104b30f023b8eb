//! From parameters to a method.

use imb_core::{Error, Fit, LabelMatrix, Labels, Resample, Result, Target};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Role;

/// Builds a resampler of a name from its parameters.
pub type BuildResampler<Y> = fn(&str, toml::Table) -> Result<Box<dyn Resample<Y>>>;

/// Builds a learner of a name from its parameters.
pub type BuildFit<Y> = fn(&str, toml::Table) -> Result<Box<dyn Fit<Y>>>;

/// A kind of target that methods of the registry are built for.
pub trait Builds: Target {
    /// What a row has, in the plural.
    const WHAT: &'static str;

    /// The builder of a resampler, if the role is one for this kind of target.
    fn as_resampler(role: &Role) -> Option<BuildResampler<Self>>;

    /// The builder of a learner, if the role is one for this kind of target.
    fn as_learner(role: &Role) -> Option<BuildFit<Self>>;
}

impl Builds for Labels {
    const WHAT: &'static str = "classes";

    fn as_resampler(role: &Role) -> Option<BuildResampler<Self>> {
        if let Role::ResampleClasses(build) = role { Some(*build) } else { None }
    }

    fn as_learner(role: &Role) -> Option<BuildFit<Self>> {
        if let Role::FitClasses(build) = role { Some(*build) } else { None }
    }
}

impl Builds for LabelMatrix {
    const WHAT: &'static str = "labels";

    fn as_resampler(role: &Role) -> Option<BuildResampler<Self>> {
        if let Role::ResampleLabels(build) = role { Some(*build) } else { None }
    }

    fn as_learner(role: &Role) -> Option<BuildFit<Self>> {
        if let Role::FitLabels(build) = role { Some(*build) } else { None }
    }
}

/// Builds a resampler that is its parameters.
pub(crate) fn resampler<Y: Target, R>(name: &str, parameters: toml::Table) -> Result<Box<dyn Resample<Y>>>
where
    R: Resample<Y> + DeserializeOwned + 'static,
{
    Ok(Box::new(read::<R>(name, parameters)?))
}

/// Builds a learner that is its parameters.
pub(crate) fn learner<Y: Target, F>(name: &str, parameters: toml::Table) -> Result<Box<dyn Fit<Y>>>
where
    F: Fit<Y> + DeserializeOwned + 'static,
{
    Ok(Box::new(read::<F>(name, parameters)?))
}

fn read<T: DeserializeOwned>(name: &str, parameters: toml::Table) -> Result<T> {
    let given = parameters.to_string().trim().replace('\n', ", ");
    T::deserialize(parameters).map_err(|error| Error::InvalidParameter {
        name: format!("parameters of {name}"),
        requirement: error.message().trim().to_owned(),
        value: given,
    })
}

/// The parameters of a value.
pub(crate) fn table_of<T: Serialize>(value: &T) -> toml::Table {
    toml::Table::try_from(value).expect("parameters are numbers, texts and tables of them")
}

/// The default parameters of a type.
pub(crate) fn defaults<T: Default + Serialize>() -> toml::Table {
    table_of(&T::default())
}
