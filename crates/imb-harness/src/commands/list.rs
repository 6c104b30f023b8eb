//! `imb list`: what there is.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use imb_data::Catalog;
use imb_harness::grid::Grid;
use imb_harness::methods::METHODS;

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
    /// The resamplers.
    Methods {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match arguments.what {
        What::Datasets { json: true } => super::print_json(&Catalog::built_in().entries)?,
        What::Datasets { json: false } => super::print(&datasets(&Catalog::built_in()).to_text())?,
        What::Methods { json: true } => super::print_json(&METHODS)?,
        What::Methods { json: false } => super::print(&methods().to_text())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn datasets(catalog: &Catalog) -> Grid {
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
    Grid { header, rows: rows.collect(), text_columns: 5 }
}

fn methods() -> Grid {
    let rows =
        METHODS.map(|method| [method.name, method.summary, method.citation].map(String::from).to_vec());
    let header = ["name", "what it makes of the data", "source"].map(String::from).to_vec();
    Grid { header, rows: rows.to_vec(), text_columns: 3 }
}
