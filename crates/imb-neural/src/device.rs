//! The choice of the trainer and of the matrices by the device of a run.

use imb_core::{Device, Error, Result};

use crate::host::{HostMatrix, HostTrainer};
use crate::matrix::Matrix;
use crate::trainer::Trainer;
use crate::{LearnerState, MlpClassifier};

/// The trainer of a network on a device.
///
/// # Errors
/// [`Error::InvalidParameter`], with the name of the missing cargo feature, if this build lacks the device;
/// [`Error::Device`] if it fails.
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
/// [`Error::InvalidParameter`] for a device that this build does not have, [`Error::Device`] for one that
/// fails, and the work's own.
pub(crate) fn work_on<W: Work>(device: Device, work: W) -> Result<W::Output> {
    match device {
        Device::Cpu => work.on::<HostMatrix<f32>>(&()),
        #[cfg(feature = "burn")]
        other => {
            guarded(other, || work.on::<crate::burn_matrix::BurnMatrix>(&burn_device(other)?.autodiff()))
        }
        #[cfg(not(feature = "burn"))]
        other => Err(missing(other)),
    }
}

/// Work that any implementation can do.
pub(crate) trait Work {
    type Output;

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Self::Output>;
}

/// Does work on a device and makes an error of its driver's panic: burn's backends report a missing card, a
/// missing library or exhausted memory by a panic. Our own code on the processor is not guarded.
///
/// # Errors
/// [`Error::Device`], and the work's own.
pub(crate) fn guarded<T>(device: Device, work: impl FnOnce() -> Result<T>) -> Result<T> {
    if device == Device::Cpu {
        return work();
    }
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(Error::Device { device, message: text.unwrap_or_else(|| "its driver gave no reason".into()) })
    })
}

/// Whether a device can be used: it is built in, and adds two numbers.
///
/// A missing card may make the driver print a panic's message on the standard error.
///
/// # Errors
/// [`Error::InvalidParameter`], with the name of the missing cargo feature, if this build lacks the device;
/// [`Error::Device`] if it fails.
///
/// ```
/// use imb_core::Device;
///
/// imb_neural::require_device(Device::Cpu)?;
/// # Ok::<(), imb_core::Error>(())
/// ```
pub fn require_device(device: Device) -> Result<()> {
    match device {
        Device::Cpu => Ok(()),
        other => probe(other),
    }
}

#[cfg(feature = "burn")]
fn probe(device: Device) -> Result<()> {
    guarded(device, || {
        let place = burn_device(device)?;
        let sum: f32 = burn::tensor::Tensor::<1>::from_floats([1.0, 2.0], &place).sum().into_scalar();
        if sum == 3.0 {
            return Ok(());
        }
        Err(Error::Device { device, message: format!("1 + 2 gives {sum}") })
    })
}

#[cfg(not(feature = "burn"))]
fn probe(device: Device) -> Result<()> {
    Err(missing(device))
}

#[cfg(feature = "burn")]
fn on_burn(device: Device, method: &MlpClassifier, state: &LearnerState) -> Result<Box<dyn Trainer>> {
    guarded(device, || {
        let trainer = crate::burn_trainer::BurnTrainer::new(burn_device(device)?, method, state);
        Ok(Box::new(trainer) as Box<dyn Trainer>)
    })
}

/// The device as burn names it.
#[cfg(feature = "burn")]
#[allow(deprecated, reason = "burn-ndarray and burn-tch are kept until burn removes them")]
pub(crate) fn burn_device(device: Device) -> Result<burn::tensor::Device> {
    use burn::tensor::Device as Burn;
    match device {
        Device::Flex => Ok(Burn::flex()),
        #[cfg(feature = "ndarray")]
        Device::Ndarray => Ok(Burn::ndarray()),
        #[cfg(feature = "tch")]
        Device::Tch => Ok(Burn::libtorch()),
        #[cfg(feature = "tch")]
        Device::TchCuda => Ok(Burn::libtorch_cuda(0)),
        #[cfg(feature = "wgpu")]
        Device::Wgpu => Ok(Burn::wgpu(Default::default())),
        #[cfg(feature = "cuda")]
        Device::Cuda => Ok(Burn::cuda(0)),
        other => Err(missing(other)),
    }
}

#[cfg(not(feature = "burn"))]
fn on_burn(device: Device, _: &MlpClassifier, _: &LearnerState) -> Result<Box<dyn Trainer>> {
    Err(missing(device))
}

/// The cargo feature that builds a device in; none for the one that is always there.
pub fn feature_of(device: Device) -> Option<&'static str> {
    match device {
        Device::Cpu => None,
        Device::Flex => Some("burn"),
        Device::Ndarray => Some("ndarray"),
        Device::Tch | Device::TchCuda => Some("tch"),
        Device::Wgpu => Some("wgpu"),
        Device::Cuda => Some("cuda"),
    }
}

pub(crate) fn missing(device: Device) -> Error {
    let feature = feature_of(device).unwrap_or_default();
    let requirement = format!(
        "one that this build has (it lacks the cargo feature `{feature}` of imb-harness or imb-neural)"
    );
    Error::invalid_parameter("device", requirement, device)
}

/// Every device of this build that works here: a graphics card may be missing.
#[cfg(test)]
pub(crate) fn tested_devices() -> Vec<Device> {
    let devices: Vec<Device> =
        Device::ALL.into_iter().filter(|device| require_device(*device).is_ok()).collect();
    assert_eq!(devices.contains(&Device::Flex), cfg!(feature = "burn"), "it needs nothing");
    devices
}

/// Those of burn.
#[cfg(all(test, feature = "burn"))]
pub(crate) fn devices_of_burn() -> Vec<Device> {
    tested_devices().into_iter().filter(|device| *device != Device::Cpu).collect()
}

/// Where those of burn keep matrices.
#[cfg(all(test, feature = "burn"))]
pub(crate) fn places_of_burn() -> Vec<burn::tensor::Device> {
    let place = |device| burn_device(device).expect("it works here").autodiff();
    devices_of_burn().into_iter().map(place).collect()
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
        let built = [
            (Device::Ndarray, cfg!(feature = "ndarray")),
            (Device::Tch, cfg!(feature = "tch")),
            (Device::TchCuda, cfg!(feature = "tch")),
            (Device::Wgpu, cfg!(feature = "wgpu")),
            (Device::Cuda, cfg!(feature = "cuda")),
        ];
        for (device, _) in built.into_iter().filter(|(_, built)| !built) {
            let message = message(device).expect("not built");
            let feature = feature_of(device).expect("not the default");
            assert!(message.contains(&format!("`{feature}`")), "{message}");
            assert_eq!(require_device(device).expect_err("not built").to_string(), message);
        }
    }

    #[test]
    fn the_processor_needs_nothing_and_flex_needs_burn() {
        assert_eq!(message(Device::Cpu), None);
        let message = message(Device::Flex);
        assert_eq!(message.is_none(), cfg!(feature = "burn"));
        assert!(message.is_none_or(|message| message.contains("`burn`")));
        assert_eq!(require_device(Device::Flex).is_ok(), cfg!(feature = "burn"));
    }

    #[test]
    fn a_driver_s_panic_is_an_error_that_names_the_device() {
        let error = guarded::<()>(Device::Wgpu, || panic!("no adapter")).expect_err("it panicked");
        assert_eq!(error.to_string(), "the device wgpu failed: no adapter");
    }
}
