//! The contract of all resamplers, on small networks and few epochs.

use imb_core::{Error, Facts, Kind, Labels, Resample, Result};
use imb_resample::contract::single_label;
use serde::de::DeserializeOwned;

use crate::generative::{Gan, Gbo, SmotifiedGan, Ssg};

/// Parameters that train within milliseconds.
const SHORT: &str = "epochs = 2\npair = { generator_layers = [4], discriminator_layers = [4] }\n";

fn build<R>(parameters: &str) -> Result<Box<dyn Resample<Labels>>>
where
    R: Resample<Labels> + DeserializeOwned + 'static,
{
    let method: R = toml::from_str(&format!("{SHORT}{parameters}"))
        .map_err(|error| Error::invalid_parameter("parameters", error.message(), parameters))?;
    Ok(Box::new(method))
}

const FACTS: Facts = Facts::of_kind(Kind::OverSampler);

#[test]
fn gan() {
    single_label("gan", FACTS, &build::<Gan>);
}

#[test]
fn smotified_gan() {
    single_label("smotified_gan", FACTS, &build::<SmotifiedGan>);
}

#[test]
fn gbo() {
    single_label("gbo", FACTS, &build::<Gbo>);
}

#[test]
fn ssg() {
    single_label("ssg", FACTS, &build::<Ssg>);
}
