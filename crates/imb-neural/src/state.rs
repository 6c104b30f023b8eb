//! The state of a network in training, as a plain value and as bytes in the safetensors format.
//!
//! The format consists of a length of eight bytes, a JSON header of that length with the name, shape and place
//! of each array, and the numbers, all little-endian (<https://github.com/huggingface/safetensors>). Other
//! programs can read the files. The weights are named `layers.0.weight`, `(n_inputs, n_outputs)`,
//! `layers.0.bias`, and so on; Adam's running means are named `mean.0.weight`, `square.0.weight`, and so on.

use std::collections::BTreeMap;

use imb_core::{Error, Result};
use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

use crate::mlp::require;
use crate::{LayerWeights, Weights};

/// Everything that training changes: the weights and the optimiser's state.
///
/// See [`MlpLearner`](crate::MlpLearner) for an example.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnerState {
    /// The weights.
    pub weights: Weights,
    /// Adam's running mean of the gradient of each weight, before bias correction.
    pub mean: Weights,
    /// Adam's running mean of the squared gradient, before bias correction.
    pub square: Weights,
    /// The number of gradient steps in the running means.
    pub steps: u64,
}

/// The header's entry for an array.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    /// The first byte and the one after the last, counted from the end of the header.
    data_offsets: [usize; 2],
}

#[derive(Default, Serialize, Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    arrays: BTreeMap<String, Entry>,
}

/// The header's name for the type of the numbers.
const F32: &str = "F32";
/// The metadata's key and value for the format of the file.
const FORMAT: [&str; 2] = ["format", "imb-neural 1"];
/// The metadata's key for the number of gradient steps.
const STEPS: &str = "steps";
/// The prefixes of the arrays' names.
const PARTS: [&str; 3] = ["layers", "mean", "square"];

/// More steps than any training takes, and few enough that counting on cannot overflow.
const MOST_STEPS: u64 = 1 << 48;

impl LearnerState {
    /// The state of these weights with a new optimiser.
    pub fn fresh(weights: Weights) -> Self {
        let (mean, square) = (weights.zeros(), weights.zeros());
        Self { weights, mean, square, steps: 0 }
    }

    /// Refuses a state that does not belong to a network of these widths, or that no training produces.
    pub(crate) fn require(&self, sizes: &[usize]) -> Result<()> {
        let parts = [
            ("initial weights", &self.weights),
            ("mean gradient", &self.mean),
            ("mean squared gradient", &self.square),
        ];
        for (name, weights) in parts {
            weights.require_sizes(sizes)?;
            require(name, "finite", weights.is_finite(), "infinite or not a number")?;
        }
        require("gradient steps", "at most 2^48", self.steps <= MOST_STEPS, self.steps)?;
        let least = self.square.numbers().copied().fold(0.0, f32::min);
        require("mean squared gradient", "nowhere negative", least == 0.0, least)
    }

    /// The state in the safetensors format.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut header = Header::default();
        header.metadata.insert(FORMAT[0].into(), FORMAT[1].into());
        header.metadata.insert(STEPS.into(), self.steps.to_string());
        let mut numbers: Vec<u8> = vec![];
        for (part, weights) in PARTS.iter().zip([&self.weights, &self.mean, &self.square]) {
            for (number, layer) in weights.layers.iter().enumerate() {
                let mut add = |name: &str, shape: &[usize], values: &mut dyn Iterator<Item = &f32>| {
                    let start = numbers.len();
                    values.for_each(|value| numbers.extend(value.to_le_bytes()));
                    let data_offsets = [start, numbers.len()];
                    let entry = Entry { dtype: F32.into(), shape: shape.into(), data_offsets };
                    header.arrays.insert(format!("{part}.{number}.{name}"), entry);
                };
                add("weight", layer.weight.shape(), &mut layer.weight.iter());
                add("bias", layer.bias.shape(), &mut layer.bias.iter());
            }
        }
        let mut header = serde_json::to_vec(&header).expect("text and numbers");
        // The numbers must start at a multiple of eight; the format allows padding by spaces.
        header.resize(header.len().next_multiple_of(8), b' ');
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_slice(), numbers.as_slice()].concat()
    }

    /// Reads a state from the bytes of [`to_bytes`](Self::to_bytes).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], with the fault, for bytes that are truncated or in another format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let requirement = "one that imb-neural wrote, in the safetensors format";
        Self::read(bytes).map_err(|fault| Error::invalid_parameter("state of a network", requirement, fault))
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let (length, rest) = bytes.split_first_chunk().ok_or("shorter than a length")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (header, numbers) = rest.split_at_checked(length).ok_or("shorter than its header")?;
        let mut header: Header = serde_json::from_slice(header).map_err(|error| error.to_string())?;
        if header.metadata.get(FORMAT[0]).map(String::as_str) != Some(FORMAT[1]) {
            return Err(format!("not of the format {}", FORMAT[1]));
        }
        let steps = header.metadata.get(STEPS).and_then(|steps| steps.parse().ok());
        let steps = steps.ok_or("without a number of steps")?;
        let expected: usize = header.arrays.values().map(|entry| entry.data_offsets[1]).max().unwrap_or(0);
        if numbers.len() != expected {
            return Err(format!("{} bytes of numbers, not {expected}", numbers.len()));
        }
        let mut part = |name| header.take_part(name, numbers);
        let [weights, mean, square] = [part(PARTS[0])?, part(PARTS[1])?, part(PARTS[2])?];
        if let Some(stray) = header.arrays.keys().next() {
            return Err(format!("an array named {stray} too many"));
        }
        let sizes = weights.sizes();
        for other in [&mean, &square] {
            other.require_sizes(&sizes).map_err(|error| error.to_string())?;
        }
        weights.require_sizes(&sizes).map_err(|error| error.to_string())?;
        Ok(Self { weights, mean, square, steps })
    }
}

impl Header {
    fn take_part(&mut self, part: &str, numbers: &[u8]) -> Result<Weights, String> {
        let mut layers = vec![];
        while let Some(weight) = self.take(&format!("{part}.{}.weight", layers.len()), numbers)? {
            let name = format!("{part}.{}.bias", layers.len());
            let bias = self.take(&name, numbers)?.ok_or(format!("without {name}"))?;
            let (Ok(weight), Ok(bias)) = (weight.into_dimensionality(), bias.into_dimensionality()) else {
                return Err(format!("{name} or its weights of another dimension"));
            };
            layers.push(LayerWeights { weight, bias });
        }
        Ok(Weights { layers })
    }

    /// Reads an array and removes its entry, so that unknown arrays remain.
    fn take(&mut self, name: &str, numbers: &[u8]) -> Result<Option<ArrayD<f32>>, String> {
        let Some(Entry { dtype, shape, data_offsets: [start, end] }) = self.arrays.remove(name) else {
            return Ok(None);
        };
        if dtype != F32 {
            return Err(format!("{name} of the type {dtype}"));
        }
        let bytes = numbers.get(start..end).ok_or(format!("{name} beyond the end"))?;
        let (numbers, []) = bytes.as_chunks() else { return Err(format!("{name} of broken numbers")) };
        let numbers = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        let array = ArrayD::from_shape_vec(shape, numbers);
        array.map(Some).map_err(|_| format!("{name} not as long as its shape"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::initial_weights;
    use imb_core::Seed;

    fn state() -> LearnerState {
        let draw = |seed| initial_weights(&[3, 4, 2], &mut Seed::new(seed).rng());
        let (weights, mean, mut square) = (draw(1), draw(2), draw(3));
        square.layers[0].bias.mapv_inplace(f32::abs);
        LearnerState { weights, mean, square, steps: u64::MAX }
    }

    #[test]
    fn bytes_hold_every_number() {
        let mut state = state();
        assert_eq!(LearnerState::from_bytes(&state.to_bytes()).expect("as written"), state);
        // Numbers that are not finite are preserved too, and so is a transposed matrix.
        state.weights.layers[0].bias[0] = f32::INFINITY;
        let turned = state.mean.layers[0].weight.t().as_standard_layout().into_owned().reversed_axes();
        state.mean.layers[0].weight = turned;
        assert_eq!(LearnerState::from_bytes(&state.to_bytes()).expect("as written"), state);
        let nothing = LearnerState::fresh(Weights { layers: vec![] });
        assert_eq!(LearnerState::from_bytes(&nothing.to_bytes()).expect("as written"), nothing);
    }

    #[test]
    fn the_format_is_the_public_one() {
        let bytes = state().to_bytes();
        let length = u64::from_le_bytes(*bytes.first_chunk().expect("eight bytes")) as usize;
        assert_eq!(length % 8, 0);
        let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).expect("JSON");
        let weight = &header["layers.1.weight"];
        assert_eq!(weight["dtype"], "F32");
        assert_eq!(weight["shape"], serde_json::json!([4, 2]));
        let [start, end] =
            [0, 1].map(|side| weight["data_offsets"][side].as_u64().expect("a place") as usize);
        assert_eq!([start, end], [64, 96], "12 weights and 4 biases lie before it");
        let first = f32::from_le_bytes(*bytes[8 + length + start..].first_chunk().expect("a number"));
        assert_eq!(first, state().weights.layers[1].weight[[0, 0]]);
        assert_eq!(header["__metadata__"]["steps"], u64::MAX.to_string());
    }

    fn refusal(bytes: &[u8]) -> String {
        let error = LearnerState::from_bytes(bytes).expect_err("refused");
        assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
        error.to_string()
    }

    #[test]
    fn truncated_and_too_long_bytes_are_refused() {
        let bytes = state().to_bytes();
        for length in 0..bytes.len() {
            refusal(&bytes[..length]);
        }
        assert!(refusal(&[bytes.as_slice(), &[0]].concat()).contains("bytes of numbers"));
    }

    /// Each change keeps the length of the header.
    #[test]
    fn changed_headers_are_refused() {
        let bytes = state().to_bytes();
        let changes = [
            (r#""F32""#, r#""F16""#, "of the type F16"),
            ("imb-neural 1", "imb-neural 2", "not of the format"),
            (r#""steps""#, r#""Steps""#, "without a number of steps"),
            ("layers.1.bias", "layers.9.bias", "without layers.1.bias"),
            ("layers.1.weight", "layers.9.weight", "an array named"),
            ("mean.0.weight", "mean.5.weight", ""),
            ("[4,2]", "[2,4]", "inputs"),
            ("[4,2]", "[4,3]", "not as long as its shape"),
            ("[4,2]", "[4.2]", "invalid"),
            ("[4,2]", "[008]", "invalid"),
            ("[4,2]", "[8  ]", "another dimension"),
            ("[64,96]", "[96,64]", "beyond the end"),
            ("[64,96]", "[63,96]", "broken"),
        ];
        for (old, new, expected) in changes {
            assert_eq!(old.len(), new.len());
            let place = bytes.windows(old.len()).position(|part| part == old.as_bytes()).expect(old);
            let mut changed = bytes.clone();
            changed[place..place + new.len()].copy_from_slice(new.as_bytes());
            let message = refusal(&changed);
            assert!(message.contains(expected), "{new}: {message}");
        }
    }

    #[test]
    fn a_state_that_no_training_produces_is_refused() {
        let sizes = [3, 4, 2];
        let mut fine = state();
        (fine.square, fine.steps) = (fine.weights.zeros(), 9);
        assert!(fine.require(&sizes).is_ok());
        let name = |change: fn(&mut LearnerState)| {
            let mut state = fine.clone();
            change(&mut state);
            state.require(&sizes).expect_err("refused").to_string()
        };
        assert!(name(|state| state.mean.layers[1].bias[0] = f32::NAN).starts_with("mean gradient"));
        assert!(name(|state| state.square.layers[1].bias[0] = -1.0).contains("nowhere negative"));
        assert!(name(|state| state.steps = u64::MAX).starts_with("gradient steps"));
        assert!(name(|state| drop(state.mean.layers.pop())).contains("layers of weights"));
    }
}
