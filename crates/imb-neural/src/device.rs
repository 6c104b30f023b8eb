//! The choice of the trainer and of the matrices by the device of a run.

use imb_core::{Device, Error, Result};

use crate::host::{HostMatrix, HostTrainer};
use crate::matrix::Matrix;
use crate::trainer::Trainer;
use crate::{LearnerState, MlpClassifier};

/// The trainer of a network on a device.
///
/// # Errors
/// [`Error::InvalidParameter`], with the name of the missing cargo feature, if this build lacks the device.
pub(crate) fn trainer_on(
    device: Device,
    method: &MlpClassifier,
    state: &LearnerState,
) -> Result<Box<dyn Trainer>> {
    match device {
        Device::Cpu => Ok(Box::new(HostTrainer::<f32>::new(method, state))),
        other => on_burn(other, method, state),
    }
}

/// Does the work where the device says.
///
/// # Errors
/// [`Error::InvalidParameter`] for a device that this build does not have, and the work's own.
pub(crate) fn work_on<W: Work>(device: Device, work: W) -> Result<W::Output> {
    match device {
        Device::Cpu => work.on::<HostMatrix<f32>>(&()),
        #[cfg(feature = "burn")]
        other => work.on::<crate::burn_matrix::BurnMatrix>(&burn_device(other)?.autodiff()),
        #[cfg(not(feature = "burn"))]
        other => Err(missing(other)),
    }
}

/// Work that any implementation can do.
pub(crate) trait Work {
    type Output;

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Self::Output>;
}

#[cfg(feature = "burn")]
fn on_burn(device: Device, method: &MlpClassifier, state: &LearnerState) -> Result<Box<dyn Trainer>> {
    Ok(Box::new(crate::burn_trainer::BurnTrainer::new(burn_device(device)?, method, state)))
}

/// The device as burn names it.
#[cfg(feature = "burn")]
pub(crate) fn burn_device(device: Device) -> Result<burn::tensor::Device> {
    match device {
        Device::Flex => Ok(burn::tensor::Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated, reason = "kept for comparisons until burn removes it")]
        Device::Ndarray => Ok(burn::tensor::Device::ndarray()),
        other => Err(missing(other)),
    }
}

#[cfg(not(feature = "burn"))]
fn on_burn(device: Device, _: &MlpClassifier, _: &LearnerState) -> Result<Box<dyn Trainer>> {
    Err(missing(device))
}

pub(crate) fn missing(device: Device) -> Error {
    let feature = match device {
        Device::Flex => "burn".to_owned(),
        other => other.to_string(),
    };
    let requirement = format!("one that this build has (imb-neural lacks the cargo feature `{feature}`)");
    Error::invalid_parameter("device", requirement, device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::initial_weights;
    use imb_core::Seed;

    fn message(device: Device) -> Option<String> {
        let method = MlpClassifier { hidden_layers: vec![], ..MlpClassifier::default() };
        let weights = initial_weights(&[2, 2], &mut Seed::new(1).rng());
        trainer_on(device, &method, &LearnerState::fresh(weights)).err().map(|error| error.to_string())
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
    fn the_processor_needs_nothing_and_flex_needs_burn() {
        assert_eq!(message(Device::Cpu), None);
        let message = message(Device::Flex);
        assert_eq!(message.is_none(), cfg!(feature = "burn"));
        assert!(message.is_none_or(|message| message.contains("`burn`")));
    }
}
