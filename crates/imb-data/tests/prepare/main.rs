//! Preparation as a whole: against reference values, against leaks, with any number of threads.

mod every_step;
mod leaks;
mod reference;
mod threads;
