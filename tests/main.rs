//! What must hold across crates. One binary, so that it is linked once.

mod real_data;
mod splits;
mod table1;
