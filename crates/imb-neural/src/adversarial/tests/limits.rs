//! What is refused, what is told of the rows that are made, and what is not written of a method's parameters.

use imb_core::{Dataset, Error, Fit, Labels, Parent, Resample, Run, Seed, Train};
use ndarray::{Array2, array};
use serde::de::DeserializeOwned;

use crate::adversarial::mixture;
use crate::adversarial::{AdversarialGame, Ao, Cot, Do, Gamo};
use crate::{Adam, HiddenLayer, MlpClassifier, Stop};

/// Six rows of one class and two of the other, with these numbers in the second column.
fn rows(numbers: [f64; 8]) -> Train<Labels> {
    let x =
        Array2::from_shape_fn((8, 2), |(row, column)| if column == 0 { row as f64 } else { numbers[row] });
    let texts: Vec<&str> = [vec!["often"; 6], vec!["rare"; 2]].concat();
    Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite"), validation: None }
}

fn short() -> MlpClassifier {
    MlpClassifier { stop: Stop::Steps(1), ..MlpClassifier::adversarial_q() }
}

fn refused(method: &dyn Fit<Labels>) -> String {
    let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
    let error = method.fit(&rows([1.0; 8]), &mut Run::new(&mut rng, &mut nobody)).err();
    match error {
        Some(Error::InvalidParameter { name, requirement, .. }) if requirement.contains("65536") => name,
        other => panic!("{other:?}"),
    }
}

/// Memory has no room for them: without a limit, the process ends.
#[test]
fn sizes_that_no_memory_holds_are_refused() {
    let game = || AdversarialGame { classifier: short(), ..AdversarialGame::default() };
    for size in [usize::MAX, 1 << 40, 65_537] {
        assert_eq!(
            refused(&Do { game: AdversarialGame { n_noise: size, ..game() }, ..Do::default() }),
            "n_noise"
        );
        let generator_layers = vec![16, size];
        assert_eq!(refused(&Ao { game: AdversarialGame { generator_layers, ..game() } }), "generator_layers");
        let critic_layers = vec![size];
        assert_eq!(refused(&Ao { game: AdversarialGame { critic_layers, ..game() } }), "critic_layers");
        assert_eq!(refused(&Gamo { n_noise: size, ..Gamo::default() }), "n_noise");
        assert_eq!(refused(&Gamo { generator_rows: size, ..Gamo::default() }), "generator_rows");
        let mut classifier = short();
        classifier.hidden_layers = vec![HiddenLayer { width: size, ..classifier.hidden_layers[0] }];
        assert_eq!(refused(&classifier), "width of a hidden layer");
        assert_eq!(refused(&Cot { classifier, ..Cot::default() }), "width of a hidden layer");
    }
}

/// A deviation that overflows would make the column 0 throughout, and a sum that does would make it infinite.
#[test]
fn columns_that_cannot_be_standardised_are_named() {
    let game = AdversarialGame { classifier: short(), ..AdversarialGame::default() };
    let methods: [&dyn Resample<Labels>; 2] =
        [&Ao { game }, &Gamo { classifier: short(), ..Gamo::default() }];
    for method in methods {
        for large in [1e155, 1e308] {
            let (mut rng, mut nobody) = (Seed::new(1).rng(), ());
            let train = rows([large, -large, 0.0, large, large, large, 1.0, 2.0]);
            let error = method.resample(&train, &mut Run::new(&mut rng, &mut nobody)).expect_err("too large");
            assert!(matches!(error, Error::NotApplicable { .. }), "{error}");
            assert!(error.to_string().contains("column \"column_2\" are so large"), "{error}");
        }
    }
}

/// The first new row mixes two rows that are equal, the second is one row, the third lies between two.
#[test]
fn copies_are_counted() {
    let y =
        Labels::from_texts(&["often", "often", "often", "often", "often", "often", "rare", "rare", "rare"]);
    let x = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [-0.0], [0.0], [4.0]];
    let rows = Dataset::unnamed(x, y).expect("finite");
    let half = |a, b| vec![(Parent::Row(a), 0.5), (Parent::Row(b), 0.5)];
    let mixtures = vec![(1, half(6, 7)), (1, vec![(Parent::Row(8), 1.0)]), (1, half(7, 8))];
    let made = mixture::resampled(&rows, &[0, 3], mixtures).expect("valid");
    assert_eq!(made.delivery.len(), 1);
    let remark = made.delivery[0].remark.as_deref();
    assert_eq!(
        remark,
        Some("2 of 3 new rows equal a given row of the class"),
        "2 equals only a row of the other"
    );
    let one = mixture::resampled(&rows, &[0, 1], vec![(1, half(7, 8))]).expect("valid");
    assert_eq!(one.delivery[0].remark, None);
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("TOML")
}

/// The parts of a method have other defaults inside it than alone.
#[test]
fn what_is_not_written_of_a_part_is_as_the_method_has_it() {
    let rate = |adam: Adam| Adam { learning_rate: 1e-3, ..adam };
    let game = AdversarialGame::default();
    let expected = AdversarialGame { adam: rate(game.adam), ..game.clone() };
    assert_eq!(read::<Do>("game = { adam = { learning_rate = 1e-3 } }").game, expected);
    assert_eq!((expected.adam.beta1, expected.adam.beta2), (0.5, 0.9));
    let batches = |classifier: &MlpClassifier| MlpClassifier { batch_size: 64, ..classifier.clone() };
    let ao: Ao = read("game = { classifier = { batch_size = 64 } }");
    assert_eq!(ao.game, AdversarialGame { classifier: batches(&game.classifier), ..game });
    assert_eq!(ao.game.classifier.stop, Stop::Epochs(100), "Q's, and not those of the plain classifier");
    let gamo = Gamo::default();
    let expected = Gamo { classifier: batches(&gamo.classifier), adam: rate(gamo.adam), ..gamo };
    assert_eq!(read::<Gamo>("classifier = { batch_size = 64 }\nadam = { learning_rate = 1e-3 }"), expected);
    let cot = Cot::default();
    let adam = rate(cot.classifier.adam);
    let expected = Cot { classifier: MlpClassifier { adam, ..cot.classifier }, ..cot };
    assert_eq!(read::<Cot>("classifier = { adam = { learning_rate = 1e-3 } }"), expected);
    for written in [read::<Gamo>(""), read::<Gamo>("classifier = {}\nadam = {}")] {
        assert_eq!(written, Gamo::default());
    }
    for unknown in ["classifier = { widths = 3 }", "adam = { rate = 3.0 }"] {
        assert!(toml::from_str::<Gamo>(unknown).expect_err(unknown).message().contains("unknown field"));
    }
}

/// All parts of all methods are read as they are written.
#[test]
fn nothing_that_is_written_is_lost() {
    let mut gamo = Gamo::as_released();
    gamo.classifier = MlpClassifier::moods_released();
    gamo.adam = Adam { learning_rate: 0.5, beta1: 0.25, beta2: 0.75, epsilon: 0.125 };
    assert_eq!(read::<Gamo>(&toml::to_string(&gamo).expect("plain")), gamo);
    let cot = Cot { classifier: gamo.classifier, ..Cot::as_released() };
    assert_eq!(read::<Cot>(&toml::to_string(&cot).expect("plain")), cot);
}
