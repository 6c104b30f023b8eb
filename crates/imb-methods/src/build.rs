//! From parameters to a method.

use imb_core::{Error, Facts, Fit, Kind, LabelMatrix, Labels, Resample, Result, Target};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Method, Role};

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

/// What every entry of the list starts from: a resampler of classes of version 1 with nothing inside it, no
/// parameters and no presets.
pub(crate) const fn class_resampler<R>(facts: Facts) -> Method
where
    R: Resample<Labels> + Parameters,
{
    of::<R>(facts, const { &[Role::ResampleClasses(resampler::<_, R>)] })
}

/// The same for a resampler of labels.
pub(crate) const fn label_resampler<R>(facts: Facts) -> Method
where
    R: Resample<LabelMatrix> + Parameters,
{
    of::<R>(facts, const { &[Role::ResampleLabels(resampler::<_, R>)] })
}

/// The same for a learner of classes.
pub(crate) const fn class_learner<F>() -> Method
where
    F: Fit<Labels> + Parameters,
{
    of::<F>(Facts::of_kind(Kind::Learner), const { &[Role::FitClasses(learner::<_, F>)] })
}

/// The same for a learner of labels.
pub(crate) const fn label_learner<F>() -> Method
where
    F: Fit<LabelMatrix> + Parameters,
{
    of::<F>(Facts::of_kind(Kind::Learner), const { &[Role::FitLabels(learner::<_, F>)] })
}

/// The same for a learner of classes that chooses and makes its own rows, which can be had without it.
pub(crate) const fn class_learner_and_resampler<F>() -> Method
where
    F: Fit<Labels> + Resample<Labels> + Parameters,
{
    let roles = const { &[Role::ResampleClasses(resampler::<_, F>), Role::FitClasses(learner::<_, F>)] };
    of::<F>(Facts::of_kind(Kind::Combined), roles)
}

const fn of<T: Parameters>(facts: Facts, roles: &'static [Role]) -> Method {
    Method {
        name: "",
        summary: "",
        citation: "",
        version: 1,
        uses: &[],
        parameters: &[],
        presets: &[],
        facts,
        caution: None,
        around: None,
        roles,
        complete: completed::<T>,
    }
}

/// A method that is its parameters.
pub(crate) trait Parameters: Default + Serialize + DeserializeOwned + 'static {}

impl<T: Default + Serialize + DeserializeOwned + 'static> Parameters for T {}

/// Builds a resampler that is its parameters.
fn resampler<Y: Target, R>(name: &str, parameters: toml::Table) -> Result<Box<dyn Resample<Y>>>
where
    R: Resample<Y> + Parameters,
{
    Ok(Box::new(read::<R>(name, parameters)?))
}

/// Builds a learner that is its parameters.
fn learner<Y: Target, F>(name: &str, parameters: toml::Table) -> Result<Box<dyn Fit<Y>>>
where
    F: Fit<Y> + Parameters,
{
    Ok(Box::new(read::<F>(name, parameters)?))
}

fn read<T: DeserializeOwned>(name: &str, parameters: toml::Table) -> Result<T> {
    // A name of another library may be understood too, so what can be read is not asked for its names.
    T::deserialize(parameters.clone()).or_else(|error| {
        require_known(name, &parameters)?;
        require_form::<T>(name, &parameters)?;
        Err(Error::invalid_parameter(
            format!("what is set of {name}"),
            format!("readable ({})", error.message().trim()),
            parameters.to_string().trim().replace('\n', ", "),
        ))
    })
}

/// Refuses a parameter that cannot be read even on its own, and says what it should look like.
fn require_form<T: DeserializeOwned>(name: &str, parameters: &toml::Table) -> Result<()> {
    for (key, value) in parameters {
        let alone: toml::Table = [(key.clone(), value.clone())].into_iter().collect();
        let documented = crate::method(name)?.parameters.iter().find(|known| known.name == key);
        if let (Err(error), Some(parameter)) = (T::deserialize(alone), documented) {
            // Of a table, what is wrong is in the message.
            let why = if value.is_table() { format!(" ({})", error.message().trim()) } else { String::new() };
            return Err(Error::invalid_parameter(key, format!("{}{why}", parameter.form), value));
        }
    }
    Ok(())
}

/// Refuses a parameter that the method does not have, with those that it has.
fn require_known(name: &str, parameters: &toml::Table) -> Result<()> {
    let known = crate::method(name)?.parameters;
    let is_known = |key: &str| known.iter().any(|parameter| parameter.name == key);
    match parameters.keys().find(|key| !is_known(key)) {
        None => Ok(()),
        Some(unknown) => Err(Error::UnknownName {
            what: format!("parameter of {name}"),
            name: unknown.clone(),
            known: known.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// The parameters of a value.
pub(crate) fn table_of<T: Serialize>(value: &T) -> toml::Table {
    toml::Table::try_from(value).expect("parameters are numbers, texts and tables of them")
}

/// Parameters of a type with those that are left out.
fn completed<T: Parameters>(name: &str, parameters: toml::Table) -> Result<toml::Table> {
    Ok(table_of(&read::<T>(name, parameters)?))
}
