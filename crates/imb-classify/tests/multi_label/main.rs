//! Multi-label learners against mulan 43f6389 on Weka 3.9.7, and what must hold for any data.

mod ml_knn;
mod mulan;
mod weka_neighbors;
