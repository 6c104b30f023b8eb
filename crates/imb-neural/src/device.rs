//! From the device of a run to the trainer that works there.

use imb_core::{Device, Error, Result};

use crate::trainer::Trainer;
use crate::{MlpClassifier, Weights};

/// The trainer of a network on a device.
///
/// # Errors
/// [`Error::InvalidParameter`] with the name of the missing cargo feature.
#[cfg(feature = "burn")]
pub(crate) fn trainer_on(
    device: Device,
    method: &MlpClassifier,
    weights: &Weights,
) -> Result<Box<dyn Trainer>> {
    let device = match device {
        Device::Cpu | Device::Flex => burn::tensor::Device::flex(),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated, reason = "offered to compare with until burn drops it")]
        Device::Ndarray => burn::tensor::Device::ndarray(),
        other => return Err(missing(other)),
    };
    Ok(Box::new(crate::burn_trainer::BurnTrainer::new(device, method, weights)))
}

#[cfg(not(feature = "burn"))]
pub(crate) fn trainer_on(
    device: Device,
    _method: &MlpClassifier,
    _weights: &Weights,
) -> Result<Box<dyn Trainer>> {
    Err(missing(device))
}

fn missing(device: Device) -> Error {
    let feature = match device {
        Device::Cpu | Device::Flex => "burn".to_owned(),
        other => other.to_string(),
    };
    Error::InvalidParameter {
        name: "device".into(),
        requirement: format!("one that this build has (imb-neural lacks the cargo feature `{feature}`)"),
        value: device.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::initial_weights;
    use imb_core::Seed;

    fn message(device: Device) -> Option<String> {
        let method = MlpClassifier { hidden_layers: vec![], ..MlpClassifier::default() };
        let weights = initial_weights(&[2, 2], &mut Seed::new(1).rng());
        trainer_on(device, &method, &weights).err().map(|error| error.to_string())
    }

    #[test]
    fn a_device_that_this_build_lacks_names_its_feature() {
        for device in [Device::Tch, Device::Wgpu, Device::Cuda] {
            let message = message(device).expect("not built");
            assert!(message.contains(&format!("`{device}`")), "{message}");
        }
        assert_eq!(message(Device::Ndarray).is_none(), cfg!(feature = "ndarray"));
    }

    #[test]
    fn the_processor_needs_burn() {
        for device in [Device::Cpu, Device::Flex] {
            let message = message(device);
            assert_eq!(message.is_none(), cfg!(feature = "burn"));
            assert!(message.is_none_or(|message| message.contains("`burn`")));
        }
    }
}
