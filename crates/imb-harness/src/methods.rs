//! The one list of methods: help, contract tests and experiments read it. A new method is one file
//! in its crate and one entry here.

use imb_bilevel::Moods;
use imb_core::{Error, Labels, Resample, Result};
use imb_resample::{Adasyn, BorderlineSmote, RandomOverSampler, RandomUnderSampler, Smote, SvmSmote};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A resampler for one class a row.
#[derive(Clone, Copy, Serialize)]
pub struct Method {
    /// The name to ask for it by.
    pub name: &'static str,
    /// What it makes of the data.
    pub summary: &'static str,
    /// Where it comes from.
    pub citation: &'static str,
    /// What it does.
    pub kind: Kind,
    /// Raised when it may make other rows than before.
    pub version: u32,
    /// Whether it works on the numbers of the rows; if not, gaps and categories are welcome.
    pub reads_values: bool,
    #[serde(skip)]
    build: fn(toml::Table) -> Built,
}

/// A resampler, or why the parameters make none.
type Built = std::result::Result<Box<dyn Resample<Labels>>, toml::de::Error>;

/// What a resampler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Adds rows to small classes.
    OverSampler,
    /// Leaves out rows of large classes.
    UnderSampler,
    /// Both.
    Combined,
}

/// All resamplers for one class a row.
pub const METHODS: [Method; 7] = [
    Method {
        name: "random_over_sampler",
        summary: "repeats rows of small classes",
        citation: "Lemaître, Nogueira, Aridas 2017 (JMLR 18)",
        kind: Kind::OverSampler,
        version: 1,
        reads_values: false,
        build: build::<RandomOverSampler>,
    },
    Method {
        name: "random_under_sampler",
        summary: "leaves out rows of large classes",
        citation: "Lemaître, Nogueira, Aridas 2017 (JMLR 18)",
        kind: Kind::UnderSampler,
        version: 1,
        reads_values: false,
        build: build::<RandomUnderSampler>,
    },
    Method {
        name: "smote",
        summary: "makes rows on the lines between neighbours of a small class",
        citation: "Chawla, Bowyer, Hall, Kegelmeyer 2002 (doi:10.1613/jair.953)",
        kind: Kind::OverSampler,
        version: 1,
        reads_values: true,
        build: build::<Smote>,
    },
    Method {
        name: "borderline_smote",
        summary: "makes rows from those of a small class that others are close to",
        citation: "Han, Wang, Mao 2005 (doi:10.1007/11538059_91)",
        kind: Kind::OverSampler,
        version: 1,
        reads_values: true,
        build: build::<BorderlineSmote>,
    },
    Method {
        name: "svm_smote",
        summary: "makes rows from the support vectors of a small class, inwards and outwards",
        citation: "Nguyen, Cooper, Kamei 2011 (doi:10.1504/IJKESDP.2011.039875)",
        kind: Kind::OverSampler,
        version: 1,
        reads_values: true,
        build: build::<SvmSmote>,
    },
    Method {
        name: "adasyn",
        summary: "makes the more rows from a row of a small class the more others are around it",
        citation: "He, Bai, Garcia, Li 2008 (doi:10.1109/IJCNN.2008.4633969)",
        kind: Kind::OverSampler,
        version: 1,
        reads_values: true,
        build: build::<Adasyn>,
    },
    Method {
        name: "moods",
        summary: "grows a set of majority rows and SVM-SMOTE's rows, as long as a network gets better by it",
        citation: "Medlin, Leyffer, Raghavan 2025 (arXiv:2506.11315)",
        kind: Kind::Combined,
        version: 1,
        reads_values: true,
        build: build::<Moods>,
    },
];

/// The method of a name.
///
/// # Errors
/// [`Error::UnknownName`] with the names there are.
pub fn method(name: &str) -> Result<Method> {
    METHODS.into_iter().find(|method| method.name == name).ok_or_else(|| Error::UnknownName {
        what: "method".into(),
        name: name.into(),
        known: METHODS.map(|method| method.name).join(", "),
    })
}

impl Method {
    /// The method with these parameters; those that are not given have their defaults.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter that it does not have or a value of the wrong kind.
    pub fn build(&self, parameters: toml::Table) -> Result<Box<dyn Resample<Labels>>> {
        let given = parameters.to_string().trim().replace('\n', ", ");
        (self.build)(parameters).map_err(|error| Error::InvalidParameter {
            name: format!("parameters of {}", self.name),
            requirement: error.message().trim().to_owned(),
            value: given,
        })
    }
}

fn build<R: Resample<Labels> + DeserializeOwned + 'static>(parameters: toml::Table) -> Built {
    Ok(Box::new(R::deserialize(parameters)?))
}

/// A parameter as `key=value`, where the value is TOML, or a text without quotes.
///
/// # Errors
/// [`Error::InvalidParameter`] if there is no `=`.
pub fn parse_parameter(text: &str) -> Result<(String, toml::Value)> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(Error::InvalidParameter {
            name: "--set".into(),
            requirement: "key=value, such as k_neighbors=3".into(),
            value: text.to_owned(),
        });
    };
    let (key, value) = (key.trim(), value.trim());
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
    let value = parsed.and_then(|mut table| table.remove("value")).unwrap_or_else(|| value.into());
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_checked() {
        let smote = method("smote").expect("there is");
        let table =
            |texts: &[&str]| texts.iter().map(|text| parse_parameter(text).expect("key=value")).collect();
        assert!(smote.build(table(&["k_neighbors=3", "sampling_strategy=minority"])).is_ok());
        assert!(smote.build(table(&["sampling_strategy={ratio=0.5}", "small_classes=shrink"])).is_ok());
        let refused = |texts: &[&str]| smote.build(table(texts)).err().expect("refused").to_string();
        assert!(refused(&["neighbours=3"]).contains("k_neighbors"), "{}", refused(&["neighbours=3"]));
        assert!(refused(&["k_neighbors=-1"]).contains("k_neighbors"), "{}", refused(&["k_neighbors=-1"]));
        assert!(parse_parameter("k_neighbors").is_err());
        assert!(method("smoote").err().expect("unknown").to_string().contains("random_over_sampler"));
    }
}
