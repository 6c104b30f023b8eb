//! `imb list`: what there is.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use imb_data::Catalog;
use imb_harness::grid::Grid;
use imb_methods::{METHODS, Method, Role, method};
use serde_json::json;

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
    /// The methods; with a name, its parameters and presets.
    Methods {
        /// A method.
        name: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.what {
        What::Datasets { json: true } => super::print_json(&Catalog::built_in().entries)?,
        What::Datasets { json: false } => super::print(&datasets(&Catalog::built_in()).to_text())?,
        What::Methods { name: None, json: true } => super::print_json(&METHODS)?,
        What::Methods { name: None, json: false } => super::print(&methods().to_text())?,
        What::Methods { name: Some(name), json: true } => {
            let method = method(name)?;
            super::print_json(&json!({ "method": method, "defaults": (method.defaults)() }))?;
        }
        What::Methods { name: Some(name), json: false } => super::print(&one(method(name)?))?,
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
    let rows = METHODS.iter().map(|method| {
        vec![method.name.to_owned(), roles(method), method.summary.to_owned(), method.citation.to_owned()]
    });
    let header = ["name", "role", "what it does", "source"].map(String::from).to_vec();
    Grid { header, rows: rows.collect(), text_columns: 4 }
}

fn roles(method: &Method) -> String {
    method.roles.iter().map(Role::title).collect::<Vec<_>>().join(", ")
}

/// A method with its parameters and presets.
fn one(method: &Method) -> String {
    let defaults = (method.defaults)();
    let rows = method.parameters.iter().map(|parameter| {
        let default = defaults.get(parameter.name).map_or("none".to_owned(), ToString::to_string);
        vec![parameter.name.to_owned(), parameter.meaning.to_owned(), default, parameter.form.to_owned()]
    });
    let header = ["parameter", "meaning", "default", "form"].map(String::from).to_vec();
    let parameters = Grid { header, rows: rows.collect(), text_columns: 4 };
    let mut text = format!(
        "{}: {}, {}\n{}\n{}\n",
        method.name,
        roles(method),
        method.summary,
        method.citation,
        parameters.to_text()
    );
    for preset in method.presets {
        text += &format!("preset {}: {}\n", preset.name, preset.meaning);
    }
    text
}
