//! Multi-label learners against mulan 43f6389 on Weka 3.9.7, and what must hold for any data.

mod contract;
mod draws;
mod java;
mod ml_knn;
mod mulan;
mod transformations;
mod weka_neighbors;
mod weka_smo;
