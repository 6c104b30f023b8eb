//! Reproduces the tables of papers on imbalanced learning and says of each printed figure whether
//! it holds.
//!
//! A paper's folder in `experiments/` holds what it prints (`published.toml`) and by which rule it
//! is judged (`spec.toml`). The library measures and judges; the binary `imb` prints.

pub mod cell;
pub mod column;
pub mod comparison;
pub mod experiment;
pub mod figures;
pub mod grid;
pub mod measure;
pub mod methods;
pub mod paper;
pub mod plan;
pub mod profile;
mod proof;
pub mod protocol;
pub mod record;
pub mod results;
pub mod rows;
pub mod runner;
pub mod table1;
pub mod verdict;
