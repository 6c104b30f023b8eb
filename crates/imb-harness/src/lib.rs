//! Reproduces the tables of papers on imbalanced learning and says of each printed value whether
//! it holds.
//!
//! A paper's folder in `experiments/` holds what it prints (`published.toml`) and by which rule it
//! is judged (`spec.toml`). The library measures and judges; the binary `imb` prints.

pub mod audit;
pub mod cell;
pub mod choices;
pub mod claims;
pub mod comparison;
pub mod digest;
pub mod evidence;
pub mod experiment;
pub mod export;
pub mod figures;
pub mod grid;
pub mod histogram;
pub mod html;
pub mod inversion;
pub mod key;
pub mod lint_file;
pub mod locks;
pub mod measure;
pub mod own;
pub mod owner;
pub mod paper;
pub mod parts;
pub mod place;
pub mod plan;
pub mod plots;
pub mod predictions;
pub mod profile;
pub mod projection;
mod proof;
mod protocol;
pub mod recipe;
pub mod record;
pub mod records;
pub mod rendered;
pub mod report;
pub mod results;
pub mod rows;
pub mod runner;
pub mod sample;
pub mod sensitivity;
pub mod spec;
pub mod table1;
pub mod verdict;
