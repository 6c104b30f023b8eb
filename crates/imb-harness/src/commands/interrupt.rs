//! Ctrl-C while a table is made: the method is asked to stop, and ended if it does not; no half-written
//! file stays behind.

use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use imb_data::discard_drafts;

/// The exit status of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;
/// How long work may go on after Ctrl-C.
const GRACE: Duration = Duration::from_millis(1500);

/// What Ctrl-C stops.
pub(crate) struct Interrupt {
    /// The method is to stop; what it has so far may still be written.
    pub(crate) stop_work: AtomicBool,
    /// Nothing is to be written.
    pub(crate) stop_writing: AtomicBool,
    works: AtomicBool,
    keeps_best: AtomicBool,
    writes: AtomicBool,
}

static INTERRUPT: Interrupt = Interrupt {
    stop_work: AtomicBool::new(false),
    stop_writing: AtomicBool::new(false),
    works: AtomicBool::new(false),
    keeps_best: AtomicBool::new(false),
    writes: AtomicBool::new(false),
};

impl Interrupt {
    /// Takes over Ctrl-C. The second one ends the program at once.
    pub(crate) fn install() -> Result<&'static Self> {
        ctrlc::set_handler(|| {
            let again = INTERRUPT.stop_work.swap(true, Ordering::SeqCst);
            let writes = INTERRUPT.writes.load(Ordering::SeqCst);
            if writes && !INTERRUPT.stop_writing.swap(true, Ordering::SeqCst) {
                std::thread::spawn(|| end_after_grace(true));
            } else if again || !INTERRUPT.works.load(Ordering::SeqCst) {
                end();
            } else if INTERRUPT.keeps_best.load(Ordering::SeqCst) {
                say("the present step is ended, and the best so far is kept; Ctrl-C again ends at once");
            } else {
                std::thread::spawn(|| end_after_grace(false));
            }
        })?;
        Ok(&INTERRUPT)
    }

    /// From now on a method is at work. One that keeps the best so far is given the time that it needs to stop.
    pub(crate) fn begin_work(&self, keeps_best: bool) {
        self.keeps_best.store(keeps_best, Ordering::SeqCst);
        self.works.store(true, Ordering::SeqCst);
    }

    /// From now on there is a result to write.
    pub(crate) fn begin_writing(&self) {
        self.writes.store(true, Ordering::SeqCst);
    }
}

/// Ends the program, unless it has meanwhile begun to write what it has.
fn end_after_grace(while_writing: bool) {
    std::thread::sleep(GRACE);
    if INTERRUPT.writes.load(Ordering::SeqCst) == while_writing {
        end();
    }
}

fn end() -> ! {
    discard_drafts();
    say("interrupted; nothing is written");
    exit(i32::from(INTERRUPTED));
}

#[allow(clippy::print_stderr, reason = "a program says what happens")]
fn say(what: &str) {
    eprintln!("imb: {what}");
}
