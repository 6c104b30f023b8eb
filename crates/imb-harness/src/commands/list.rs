//! `imb list`: what there is.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use imb_data::Catalog;
use imb_harness::grid::Grid;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The data sets of the catalog.
    Datasets {
        /// Print the whole entries as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let What::Datasets { json } = arguments.what;
    let catalog = Catalog::built_in();
    if json {
        super::print_json(&catalog.entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = catalog.entries.iter().map(|entry| {
        let variants: Vec<&str> = entry.variants.keys().map(String::as_str).collect();
        vec![
            entry.name.clone(),
            entry.paper.clone(),
            entry.row.clone(),
            entry.title.clone(),
            variants.join(", "),
        ]
    });
    let header = ["name", "paper", "row", "what it is", "variants"].map(String::from).to_vec();
    let grid = Grid { header, rows: rows.collect(), text_columns: 5 };
    super::print(&grid.to_text())?;
    Ok(ExitCode::SUCCESS)
}
