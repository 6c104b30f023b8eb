//! Steps of the default trainer do not allocate: a training of many steps allocates as often as one of few. It is
//! a separate test binary because it replaces the allocator.

#![allow(unsafe_code, reason = "implementing an allocator requires it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use imb_core::{Dataset, Device, Labels, Run, Seed};
use imb_neural::{Loss, MlpClassifier, MlpLearner, Stop};
use ndarray::Array2;

thread_local! {
    /// The allocations of this thread only, since the test harness allocates in another.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
}

/// The system's allocator, which counts its allocations.
struct Counting;

// SAFETY: every call is passed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The number of allocations of a training with this many steps.
fn allocations(learner: &mut MlpLearner, rows: &Dataset<Labels>, steps: u64) -> usize {
    let mut run = Run { rng: &mut Seed::new(2).rng(), observer: &mut (), device: Device::Cpu, budget: None };
    let before = ALLOCATIONS.get();
    learner.train(rows, &Stop::Steps(steps), &mut run).expect("trains");
    ALLOCATIONS.get() - before
}

#[test]
fn steps_allocate_nothing() {
    let x = Array2::from_shape_fn((70, 9), |(row, column)| ((row * 7 + column * 3) % 11) as f64);
    let y = Labels::new((0..70).map(|row| row % 2).collect(), ["a", "b"].map(String::from).into());
    let rows = Dataset::unnamed(x, y.expect("valid")).expect("finite");
    for loss in [Loss::CrossEntropy, Loss::CrossEntropyOnSoftmax] {
        let method = MlpClassifier { loss, ..MlpClassifier::moods_sound() };
        let mut run =
            Run { rng: &mut Seed::new(1).rng(), observer: &mut (), device: Device::Cpu, budget: None };
        let mut learner = method.learner(9, rows.y().classes(), &mut run).expect("valid");
        // The first training allocates the buffers. The others have whole and partial epochs, and whole and
        // smaller batches.
        let first = allocations(&mut learner, &rows, 3);
        let few = allocations(&mut learner, &rows, 2);
        let many = allocations(&mut learner, &rows, 203);
        assert!(few > 0 && first > few, "the counter counts: {first}, {few}");
        assert_eq!(few, many);
    }
}
