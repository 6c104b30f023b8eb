//! Whether new rows fit into memory: an absurd number is refused before the system ends the program.

use imb_core::{Error, Result};

/// Refuses rows that would take more memory than the machine has, or than the system grants. `name` is the
/// parameter that asks for them.
pub(crate) fn require_memory(name: &str, rows: usize, n_features: usize) -> Result<()> {
    // Values, where a row comes from, its target, and its number among those that are kept.
    const BESIDE_VALUES: usize = 96;
    let bytes = rows.saturating_mul(n_features.saturating_mul(8).saturating_add(BESIDE_VALUES));
    const SMALL: usize = 64 << 20;
    if bytes <= SMALL {
        return Ok(());
    }
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_memory(sysinfo::MemoryRefreshKind::everything()),
    );
    let there_is =
        system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory).min(system.total_memory());
    // The reservation is given back at once: it asks the system, which may allow this process less.
    let is_granted = Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    if bytes as u64 <= there_is && is_granted {
        return Ok(());
    }
    let gibibytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    Err(Error::invalid_parameter(
        name,
        format!("one whose rows fit into memory ({:.1} GiB at most)", gibibytes(there_is)),
        format!("one that asks for {rows} new rows, which take {:.1} GiB", gibibytes(bytes as u64)),
    ))
}
