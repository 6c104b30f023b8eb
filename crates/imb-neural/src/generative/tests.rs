//! The methods against finite differences, the authors' released code, PyTorch, and what they claim.

mod aemlo;
mod contract;
mod gradients;
mod growth;
mod pair;
mod pytorch;
mod released;
