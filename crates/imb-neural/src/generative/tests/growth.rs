//! What the samplers learn, and the failures that they notice.

use std::ops::ControlFlow::{self, Break, Continue};

use imb_core::{
    Budget, Dataset, Device, Error, Labels, Observe, Origin, Parent, Resample, Resampled, Result, Run, Seed,
    Train, Watch,
};
use imb_resample::SamplingStrategy;
use ndarray::{Array2, Axis};
use rand::RngExt;

use crate::Adam;
use crate::generative::{AbsoluteErrorClassifier, Gan, GanPair, Gbo, SmotifiedGan, Ssg};

/// Two clouds of 150 and 50 rows; the smaller lies around (30, 300).
fn clouds() -> Train<Labels> {
    let mut rng = Seed::new(5).rng();
    let noise = Array2::from_shape_simple_fn((200, 2), || rng.random::<f64>() + rng.random::<f64>() - 1.0);
    let x = Array2::from_shape_fn((200, 2), |(row, column)| {
        let centre = if row < 150 { [0.0, 0.0] } else { [30.0, 300.0] };
        centre[column] + noise[[row, column]] * [10.0, 100.0][column]
    });
    let texts: Vec<&str> = (0..200).map(|row| if row < 150 { "often" } else { "rare" }).collect();
    Train { rows: Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite"), validation: None }
}

fn pair() -> GanPair {
    let adam = Adam { learning_rate: 2e-3, beta1: 0.5, ..Adam::default() };
    GanPair { generator_layers: vec![16, 16], discriminator_layers: vec![16, 16], adam, ..GanPair::default() }
}

fn resample(
    method: &dyn Resample<Labels>,
    train: &Train<Labels>,
    observer: &mut dyn Observe<Labels>,
) -> Result<Resampled<Labels>> {
    method.resample(train, &mut Run::new(&mut Seed::new(1).rng(), observer))
}

/// New rows lie in the class, in the units of the data, and name rows of the class as their origins.
#[test]
fn generators_learn_where_a_class_lies() {
    let train = clouds();
    let pair = pair();
    let methods: [(&str, Box<dyn Resample<Labels>>); 4] = [
        ("gan", Box::new(Gan { pair: pair.clone(), epochs: 300, ..Gan::default() })),
        ("smotified", Box::new(SmotifiedGan { pair: pair.clone(), epochs: 300, ..SmotifiedGan::default() })),
        ("gbo", Box::new(Gbo { pair: pair.clone(), epochs: 300, ..Gbo::default() })),
        ("ssg", Box::new(Ssg { pair, epochs: 300, ..Ssg::default() })),
    ];
    for (name, method) in methods {
        let made = resample(method.as_ref(), &train, &mut ()).expect(name);
        assert_eq!(made.synthetic.dim(), (100, 2), "{name}");
        let means = made.synthetic.mean_axis(Axis(0)).expect("rows");
        assert!((means[0] - 30.0).abs() < 5.0 && (means[1] - 300.0).abs() < 50.0, "{name}: {means}");
        for origin in &made.origins {
            let Origin::Latent { seed: Parent::Row(150..), given } = origin else {
                panic!("{name}: {origin:?}");
            };
            match given.as_deref() {
                None => assert_eq!(name, "gan", "only noise is no row"),
                Some(Origin::Interpolated { seed, neighbor, .. }) => {
                    assert_eq!(*seed, origin.seed(), "{name}");
                    assert!(matches!(neighbor, Parent::Row(150..)), "{name}");
                }
                Some(other) => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(made.into_dataset(&train.rows).expect("fits").y().counts(), [150, 150], "{name}");
    }
}

/// Of one row no generator can be trained: the row that it would move stays as it is, and so does its origin.
#[test]
fn a_row_that_no_generator_moved_keeps_its_origin() {
    let sampling_strategy = SamplingStrategy::Counts([("rare".to_owned(), 51)].into());
    let method = SmotifiedGan { pair: pair(), sampling_strategy, ..SmotifiedGan::default() };
    let made = resample(&method, &clouds(), &mut ()).expect("one row");
    assert!(matches!(made.origins.as_slice(), [Origin::Interpolated { .. }]), "{:?}", made.origins);
    let remark = made.delivery[0].remark.as_deref();
    assert!(remark.is_some_and(|remark| remark.contains("too few rows to train a generator")), "{remark:?}");
}

/// The remark on the smaller class.
fn remark(method: &dyn Resample<Labels>) -> String {
    resample(method, &clouds(), &mut ()).expect("trained").delivery[0].remark.clone().unwrap_or_default()
}

/// A class of equal rows has no variance of which the new rows could have a share; what is not a number is not told.
#[test]
fn no_share_of_no_variance_is_told() {
    struct Finite(Vec<String>);
    impl Watch for Finite {
        fn value(&mut self, name: &str, value: f64) {
            assert!(value.is_finite(), "{name}: {value}");
            self.0.push(name.to_owned());
        }
    }
    impl Observe<Labels> for Finite {}
    let train = clouds();
    let mut x = train.rows.x().to_owned();
    x.slice_mut(ndarray::s![150.., ..]).fill(3.0);
    let equal = Dataset::unnamed(x, train.rows.y().clone()).expect("finite");
    let method = Ssg { pair: pair(), epochs: 1, ..Ssg::default() };
    let mut told = Finite(Vec::new());
    let equal = Train { rows: equal, validation: None };
    resample(&Gan { pair: pair(), epochs: 1, ..Gan::default() }, &equal, &mut told).expect("trained");
    assert_eq!(told.0, ["discriminator_loss", "generator_loss"]);
    let mut told = Finite(Vec::new());
    resample(&method, &train, &mut told).expect("trained");
    assert!(told.0.iter().any(|name| name == "variance_share"));
}

#[test]
fn columns_that_are_not_scaled_are_named() {
    let mut released = SmotifiedGan { epochs: 1, ..SmotifiedGan::as_released() };
    released.pair = GanPair { scale: false, ..pair() };
    assert!(remark(&released).contains("from 0 to 1 only"), "{}", remark(&released));
}

/// Ends the training after so many steps.
struct Patience(u64);

impl Observe<Labels> for Patience {}

impl Watch for Patience {
    fn progress(&mut self, stage: &str, done: u64, total: u64) -> ControlFlow<()> {
        assert!(stage.contains("class \"rare\"") && done < total, "{stage}: {done} of {total}");
        if done >= self.0 { Break(()) } else { Continue(()) }
    }
}

#[test]
fn training_can_be_ended_and_is_capped_by_a_budget() {
    let (method, train) = (Ssg { pair: pair(), epochs: 50, ..Ssg::default() }, clouds());
    let error = resample(&method, &train, &mut Patience(3)).expect_err("ended");
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");

    struct Capped(bool);
    impl Observe<Labels> for Capped {}
    impl Watch for Capped {
        fn capped(&mut self) {
            self.0 = true;
        }
    }
    let (mut rng, mut observer) = (Seed::new(1).rng(), Capped(false));
    let budget = Some(Budget { steps: 4, epochs: 9 });
    let mut run = Run { rng: &mut rng, observer: &mut observer, device: Device::Cpu, budget };
    method.resample(&train, &mut run).expect("capped");
    assert!(observer.0);
}

/// The total number of mini-batches leaves the range of its type.
#[test]
fn progress_of_any_number_of_epochs_can_be_told() {
    let method = Gan { pair: GanPair { batch_size: 16, ..pair() }, epochs: u64::MAX, ..Gan::default() };
    let error = resample(&method, &clouds(), &mut Patience(5)).expect_err("ended");
    assert!(matches!(error, Error::Interrupted { .. }), "{error}");
}

/// Where SVM-SMOTE makes no row, because rows of other classes surround all of the class, there is none to keep.
#[test]
fn nothing_is_said_of_rows_that_are_not_there() {
    let x = Array2::from_shape_fn((24, 1), |(row, _)| match row {
        0..18 => (row / 3) as f64 * 100.0 + [-0.2, 0.1, 0.3][row % 3],
        _ => (row - 18) as f64 * 100.0,
    });
    let texts: Vec<&str> = (0..24).map(|row| if row < 18 { "often" } else { "rare" }).collect();
    let rows = Dataset::unnamed(x, Labels::from_texts(&texts)).expect("finite");
    let method = Ssg { pair: pair(), epochs: 1, m_neighbors: 1, ..Ssg::default() };
    let made = resample(&method, &Train { rows, validation: None }, &mut ()).expect("no rows");
    assert_eq!((made.synthetic.nrows(), made.delivery[0].delivered), (0, 0));
    let remark = made.delivery[0].remark.as_deref().expect("SVM-SMOTE's");
    assert!(!remark.contains("are kept"), "{remark}");
}

/// The range of the column overflows, which would make it 0 throughout.
#[test]
fn columns_that_cannot_be_scaled_are_named() {
    let train = clouds();
    let mut x = train.rows.x().to_owned();
    (x[[0, 1]], x[[1, 1]]) = (1e308, -1e308);
    let rows = Dataset::unnamed(x, train.rows.y().clone()).expect("finite");
    let method = Gan { pair: pair(), epochs: 1, ..Gan::default() };
    let error = resample(&method, &Train { rows, validation: None }, &mut ()).expect_err("too large");
    assert!(error.to_string().contains("\"column_2\" are so large that their range overflows"), "{error}");
}

#[test]
fn the_classifier_of_absolute_errors_keeps_its_own_optimiser() {
    let written: AbsoluteErrorClassifier = toml::from_str("adam = { beta1 = 0.5 }").expect("TOML");
    let adam = Adam { learning_rate: 1e-3, beta1: 0.5, epsilon: 1e-7, ..Adam::default() };
    assert_eq!(written, AbsoluteErrorClassifier { adam, ..AbsoluteErrorClassifier::default() });
}

/// Mini-batches of 32 are GBO's and SSG's own; the pair alone has 128.
#[test]
fn what_is_not_written_of_a_pair_is_as_the_method_has_it() {
    let gbo: Gbo =
        toml::from_str("pair = { generator_layers = [4], adam = { learning_rate = 1e-3 } }").expect("TOML");
    let pair = Gbo::default().pair;
    let adam = Adam { learning_rate: 1e-3, ..pair.adam };
    assert_eq!(gbo, Gbo { pair: GanPair { generator_layers: vec![4], adam, ..pair }, ..Gbo::default() });
    assert_eq!((gbo.pair.batch_size, gbo.pair.adam.beta1), (32, 0.5));
    let ssg: Ssg = toml::from_str("pair = { scale = false }").expect("TOML");
    assert_eq!(ssg, Ssg { pair: GanPair { scale: false, ..Ssg::default().pair }, ..Ssg::default() });
    let gan: Gan = toml::from_str("pair = { scale = false }").expect("TOML");
    assert_eq!((gan.pair.batch_size, gan.pair.adam), (128, GanPair::default().adam));
    assert_eq!(toml::from_str::<Gbo>("").expect("TOML"), Gbo::default());
    let written = Ssg { pair: pair_of_all_parts(), ..Ssg::default() };
    let text = toml::to_string(&written).expect("plain");
    assert_eq!(toml::from_str::<Ssg>(&text).expect("as written"), written);
    for unknown in ["pair = { batches = 3 }", "pair = { adam = { rate = 3.0 } }"] {
        assert!(toml::from_str::<Gbo>(unknown).expect_err(unknown).message().contains("unknown field"));
    }
}

/// A pair that has no default value.
fn pair_of_all_parts() -> GanPair {
    GanPair {
        generator_layers: vec![3],
        discriminator_layers: vec![5],
        adam: Adam { learning_rate: 0.5, beta1: 0.25, beta2: 0.75, epsilon: 0.125 },
        batch_size: 7,
        scale: false,
    }
}

#[test]
fn invalid_parameters_are_refused() {
    let train = clouds();
    let refused = |method: &dyn Resample<Labels>| resample(method, &train, &mut ()).is_err();
    assert!(refused(&Ssg { generator_rows: 1, ..Ssg::default() }));
    for rows in [1, 65_537, usize::MAX] {
        assert!(refused(&Gbo { generator_rows: rows, ..Gbo::default() }));
    }
    assert!(refused(&Gbo { epochs: 0, ..Gbo::default() }));
    for rows in [0, 1] {
        assert!(refused(&SmotifiedGan { generator_rows: Some(rows), ..SmotifiedGan::default() }));
    }
    assert!(refused(&Gan { pair: GanPair { batch_size: 1 << 40, ..pair() }, ..Gan::default() }));
    assert!(refused(&Gan { pair: GanPair { generator_layers: vec![], ..pair() }, ..Gan::default() }));
    assert!(refused(&SmotifiedGan { pair: GanPair { batch_size: 0, ..pair() }, ..SmotifiedGan::default() }));
}
