//! Whether a device is there.

use std::panic;

use imb_core::{Device, Result};

/// Refuses a device that this program was not built with, or that this machine does not have.
pub(crate) fn require(device: Device) -> Result<()> {
    // A driver that finds no card panics, and the message of a panic says nothing to a user.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let present = imb_neural::require_device(device);
    panic::set_hook(hook);
    present
}
