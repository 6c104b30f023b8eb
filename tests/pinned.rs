//! Predictions that are pinned: the same seeds give the same confusion matrices as before the harness was
//! rebuilt, and the games of GAMO, AO and DO deal their rows and labels to the same players in the same order. The matrices in `reference/pinned.json` are from records of November 2026.

use std::sync::atomic::AtomicBool;

use imb_core::Device;
use imb_data::{Catalog, DataDirs};
use imb_harness::choices::Choices;
use imb_harness::experiment::{Experiment, Selection};
use imb_harness::paper::papers;
use imb_harness::place::Place;
use imb_harness::profile::Profile;
use imb_harness::spec::{Evaluation, TrainingRows};
use serde::Deserialize;

use crate::real_data::have;

#[derive(Deserialize)]
struct Pinned {
    paper: String,
    dataset: String,
    protocol: String,
    column: String,
    run: usize,
    confusion: imb_metrics::ConfusionMatrix,
}

#[test]
fn the_same_seeds_give_the_same_predictions() {
    let all: Vec<Pinned> = serde_json::from_str(include_str!("reference/pinned.json")).expect("JSON");
    let (catalog, dirs) = (Catalog::built_in(), DataDirs::find(None).expect("IMB_DATA names a folder"));
    for paper in papers(&["moods".to_owned(), "adversarial".to_owned()]).expect("well formed") {
        let experiment = Experiment::read(paper, &catalog, &dirs).expect("columns");
        let of_paper = all.iter().filter(|pinned| pinned.paper == experiment.paper.spec.id);
        for pinned in of_paper.filter(|pinned| have("pinned predictions", &pinned.dataset)) {
            let selection = Selection {
                profile: Profile::Full,
                datasets: vec![pinned.dataset.clone()],
                columns: vec![pinned.column.clone()],
                protocols: vec![pinned.protocol.clone()],
                most_runs: None,
                device: Device::Cpu,
                choices: Choices::default(),
            };
            let mut cells = experiment.comparison_cells(&selection).expect("known names");
            cells.extend(experiment.cells(&selection).expect("known names"));
            let is_pinned = |place: &Place| {
                place.run == pinned.run && place.start.is_none() && place.rows == TrainingRows::Train
            };
            let cell = cells.iter().find(|cell| is_pinned(&cell.place) && cell.place.setting.is_empty());
            let cell = cell.expect("a cell");
            assert_eq!(cell.place.protocol, pinned.protocol);
            let mut rows = experiment.rows(&cell.place).expect("rows");
            let ran =
                cell.run(experiment.seed(), &mut rows, &AtomicBool::new(false)).expect("not interrupted");
            let imb_harness::evidence::Outcome::Done(done) = ran.outcome else { panic!("{}", cell.place) };
            let evaluated = &done.evaluations[&Evaluation::Last];
            assert_eq!(evaluated.evidence.confusion(), Some(&pinned.confusion), "{}", cell.place);
        }
    }
}
