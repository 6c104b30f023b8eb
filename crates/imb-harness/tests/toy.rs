//! A method is one file and one line: two methods that only tests have are in help, and in columns of a
//! specification.

use std::process::Command;

use imb_core::{Dataset, LabelMatrix, Labels, Run, Seed, Train};
use imb_harness::recipe::Recipe;
use imb_harness::spec::{Column, StageSpec};
use ndarray::array;

fn column(text: &str) -> Column {
    toml::from_str(text).expect("a column")
}

fn learner(text: &str) -> StageSpec {
    toml::from_str(text).expect("a learner")
}

#[test]
fn help_lists_them_with_their_parameters() {
    let imb = |words: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_imb")).args(words).output().expect("the program starts");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(imb(&["list", "methods"]).contains("toy_label_resampler"));
    let help = imb(&["list", "methods", "toy_fit"]);
    assert!(help.contains("the number of the class") && help.contains("predicts classes"), "{help}");
}

#[test]
fn a_column_has_a_toy_learner() {
    let column = column("title = \"toy\"\nstages = [{ method = \"random_over_sampler\" }]");
    let toy = learner("method = \"toy_fit\"\nclass = 1");
    let recipe = Recipe::new(&column.stages_for("sound", "any"), Some(&toy), None).expect("two stages");
    let y = Labels::from_texts(&["a", "a", "b"]);
    let train =
        Train { rows: Dataset::unnamed(array![[0.0], [1.0], [2.0]], y).expect("finite"), validation: None };
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let fitted = recipe.fit(&train, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
    assert_eq!(fitted.rows.y().counts(), [2, 2]);
    let prediction = fitted.model.predict(array![[5.0]].view()).expect("one feature");
    assert_eq!(prediction.labels.codes(), [1]);
}

#[test]
fn a_column_has_a_toy_resampler_of_labels() {
    let column = column("title = \"toy\"\nstages = [{ method = \"toy_label_resampler\" }]");
    let learner = learner("method = \"ml_knn\"\nk_neighbors = 1");
    let recipe = Recipe::new(&column.stages_for("sound", "any"), Some(&learner), None).expect("two stages");
    let on = array![[true], [false], [true]];
    let y = LabelMatrix::new(on, vec!["red".into()]).expect("one name");
    let train =
        Train { rows: Dataset::unnamed(array![[0.0], [1.0], [2.0]], y).expect("finite"), validation: None };
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let fitted = recipe.fit(&train, &mut Run::new(&mut rng, &mut nobody)).expect("fits");
    assert_eq!(fitted.rows.n_rows(), 5, "the two rows with a label stand twice");
}
