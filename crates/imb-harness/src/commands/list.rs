//! `imb list`: what there is.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use imb_core::{Device, Error};
use imb_data::Catalog;
use imb_harness::grid::Grid;
use imb_methods::{METHODS, Method, Role, method};
use serde::Serialize;
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
    /// The devices that networks can be trained on: which are built in, and which are there.
    Devices {
        /// Print JSON.
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
        What::Devices { json: true } => super::print_json(&devices())?,
        What::Devices { json: false } => super::print(&device_grid(&devices()).to_text())?,
        What::Methods { name: None, json: true } => super::print_json(&METHODS)?,
        What::Methods { name: None, json: false } => super::print(&methods().to_text())?,
        What::Methods { name: Some(name), json: true } => {
            let method = method(name)?;
            super::print_json(&json!({ "method": method, "defaults": method.defaults() }))?;
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

/// What is known of a device.
#[derive(Serialize)]
struct DeviceState {
    device: Device,
    what: &'static str,
    /// The cargo feature that builds it in.
    feature: Option<&'static str>,
    built_in: bool,
    present: bool,
    /// Why it cannot be used.
    reason: Option<String>,
}

fn devices() -> Vec<DeviceState> {
    let state = |device| {
        let found = super::device::require(device);
        DeviceState {
            device,
            what: what_is(device),
            feature: imb_neural::feature_of(device),
            built_in: !matches!(found, Err(Error::InvalidParameter { .. })),
            present: found.is_ok(),
            reason: found.err().map(|error| error.to_string()),
        }
    };
    Device::ALL.into_iter().map(state).collect()
}

fn what_is(device: Device) -> &'static str {
    match device {
        Device::Cpu => "this project's own training code, on the processor",
        Device::Flex => "burn's portable backend, on the processor",
        Device::Ndarray => "burn on ndarray, on the processor",
        Device::Tch => "burn on libtorch, on the processor",
        Device::TchCuda => "burn on libtorch, on an NVIDIA card",
        Device::Wgpu => "burn on any graphics card, through Vulkan, Metal, DirectX or OpenGL",
        Device::Cuda => "burn on an NVIDIA card, through CUDA",
    }
}

fn device_grid(devices: &[DeviceState]) -> Grid {
    let header = ["--device", "what it is", "cargo feature", "can be used"].map(String::from).to_vec();
    let usable = |device: &DeviceState| match (device.built_in, &device.reason) {
        (_, None) => "yes".to_owned(),
        (false, Some(_)) => "no: not built in".to_owned(),
        (true, Some(reason)) => format!("no: {}", reason.lines().next().unwrap_or_default()),
    };
    let rows = devices.iter().map(|device| {
        let feature = device.feature.unwrap_or("always there").to_owned();
        vec![device.device.to_string(), device.what.to_owned(), feature, usable(device)]
    });
    Grid { header, rows: rows.collect(), text_columns: 4 }
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
    let defaults = method.defaults();
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
