//! The data sets that a command of `imb data` is about, and the data folder.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use imb_data::{Catalog, user_cache};

use crate::DataFolder;

#[derive(Args)]
pub(super) struct Selection {
    /// Data sets; all if none is named.
    #[arg(value_name = "NAME")]
    pub(super) names: Vec<String>,
    #[command(flatten)]
    pub(super) folder: DataFolder,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

impl Selection {
    /// The data sets asked for.
    pub(super) fn names(&self, catalog: &Catalog) -> Vec<String> {
        if self.names.is_empty() {
            catalog.entries.iter().map(|entry| entry.name.clone()).collect()
        } else {
            self.names.clone()
        }
    }

    /// The folder to write to; it need not exist.
    pub(super) fn target(&self) -> Result<PathBuf> {
        let from_environment =
            || std::env::var_os("IMB_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let folder = self.folder.data.clone().or_else(from_environment).or_else(user_cache);
        folder.context("no data folder: name one with --data or IMB_DATA")
    }
}
