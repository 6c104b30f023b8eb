//! The methods against finite differences, the authors' released code, PyTorch, and what they claim.

mod aemlo;
mod gradients;
mod pytorch;
mod released;
