//! `imb merge`: joins results folders that each hold a part of the cells.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use imb_harness::record::{Records, merge};

use super::run::What;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The paper.
    paper: String,
    /// The folders to join.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    what: What,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let What { results, .. } = &arguments.what;
    for experiment in arguments.what.experiments(std::slice::from_ref(&arguments.paper))? {
        let cells = arguments.what.cells(&experiment)?;
        let merged = merge(&cells, &arguments.paper, &arguments.folders)?;
        merged.iter().try_for_each(|record| Records::write(results, record))?;
        super::print(&format!("{}: {} records in {}", arguments.paper, merged.len(), results.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
