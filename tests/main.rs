//! Tests across crates, in one binary, so that it is linked only once.

mod contract;
mod linfa;
mod pinned;
mod real_data;
mod sampler_statistics;
mod samplers_reference;
mod splits;
mod statistics;
mod table1;
