//! AEMLO: an auto-encoder of features and labels together makes rows with rare labels.
//!
//! Two encoders map a row's features and its labels to the same place of a latent space, and two decoders map
//! that place back. After training the labels are no longer needed: the features of a row with a rare label,
//! the seed, are encoded and decoded to the features *and* the labels of a new row. A new row is therefore a
//! smoothed version of its seed, with the labels that the network finds likely there.
//!
//! With the paper's names, for a mini-batch X, `(n, d)`, with labels Y, `(n, q)`, and l latent units:
//! 1. F_ex(X) and F_ey(Y) encode, `(n, l)`; X′ = F_dx(F_ex(X)) and Y′ = F_dy(F_ey(Y)) decode (Alg. 1, lines 3, 4).
//! 2. Adam minimises Φ + α Ψ + β Γ (eq. 2). Φ is the latent loss (eqs. 3, 4), Ψ the error of the features and
//!    of the distances between rows (eqs. 5 to 7), Γ the ranking loss of the labels (eq. 8): see `losses.rs`.
//! 3. T, a threshold for each label, is chosen on validation rows (Alg. 1, line 7).
//! 4. L_s are the labels with ImR > 10 and IRLbl > MeanIR, M the rows with one of them. Rows of M are drawn as
//!    seeds, p · n_rows times. F_dx(F_ex(x)) and F_dy(F_ex(x)) > T give the new row (Alg. 1, lines 8 to 14);
//!    a row without labels is dropped.
//!
//! **Printed:** eqs. 1 to 8, Algorithm 1, λ of eq. 3 as a symbol, l as an input; two fully connected layers for
//! each encoder and one for each decoder, 512 units, leaky ReLU; 20 % of the training rows as validation rows;
//! the range of α and β (2⁻⁴ to 2⁴); 100 epochs, for the measured times.
//!
//! **Inferred** from the released code (CquptZA/AEMLO cba4d67): λ is two constants, 0.1 in eq. 3 and 1 in
//! eq. 5; Γ is the exponential surrogate of BP-MLL, since eq. 8 counts pairs and has no derivative; Φ and Γ
//! are divided by n; Adam with a rate of 1e-4, mini-batches of 128, slope 0.01, weights drawn as PyTorch does;
//! α = 1 and β = 0.1, which are arguments that the code does not use; p = 0.1.
//!
//! **Chosen:**
//! - The first equality of eq. 3 does not hold; the right side is the loss. Its C₂ is E Eᵀ − I with I of size
//!   l, where E Eᵀ is of size n; the code has EᵀE − I. The squared norms differ by l − n, whatever E is, so both
//!   have the same gradient. The value is that of the code.
//! - Eq. 6 is a sum of squares; here it is their mean, so that α means the same for any d and n.
//! - A decoder's one layer ends in d or q plain sums. `feature_decoder` and `label_decoder` add layers
//!   before it.
//! - The text adjusts T after each epoch; only the last T is used, so it is chosen once, after training, from
//!   0.01 to 0.99 by the label's F1; of equally good ones the nearest to 0.5. Γ trains an order only, so 0.5
//!   has no meaning for it. A label without a positive validation row has 0.5; one without a positive training
//!   row is never given.
//! - Where no validation rows are given, `validation_share` of the rows are set apart for T.
//! - Columns are scaled to 0 … 1 by their range in the training rows while the network works. Categories are
//!   one column each (two categories share one), and the largest wins. Whole numbers are rounded.
//! - A last mini-batch of one row, in which there are no pairs, is left out.
//! - A seed always gives the same row. Where it is drawn again the row is a copy; the report counts them.
//! - Pairs of outputs that are far apart in the wrong order: the loss goes on as a straight line, where the
//!   released one overflows and poisons the weights with NaN.
//!
//! **As released** ([`Aemlo::as_released`]): latent 500; encoders with hidden layers of 200 and 200 (features)
//! and 200 (labels), decoders with 200 (features) and 100 (labels); F_ey has a gate x · σ(W x + b) behind its
//! hidden layer and no activation at its end; the mean *absolute* error, and Ψ divided by n once more; the
//! pairs of Γ counted with 1e-4 more; neither α nor β; 201 epochs, of which the weights of the epoch with the
//! smallest summed loss are kept; seeds by IRLbl alone, shuffled once and taken in turn; 0.5 as every
//! threshold; columns as they are.
//!
//! Zhou, Liu, Wang, Sun and Liu, "AEMLO: AutoEncoder-Guided Multi-label Oversampling", ECML PKDD 2024, LNCS
//! 14947, doi:10.1007/978-3-031-70368-3_7. The surrogate: Zhang and Zhou, "Multilabel neural networks with
//! applications to functional genomics and text categorization", IEEE TKDE 18 (2006),
//! doi:10.1109/TKDE.2006.162.

pub(super) mod columns;
pub(super) mod generation;
pub(super) mod losses;
pub(super) mod network;
pub(super) mod training;

use imb_core::{AtRate, Dataset, Error, LabelMatrix, Resample, Resampled, Result, Run, Train};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use self::columns::Columns;
use self::generation::{Decoded, Decoder, Seeds, resampled, unchanged};
use self::network::{Autoencoder, Initial};
use crate::Adam;
use crate::device::{Work, work_on};
use crate::matrix::Matrix;
use crate::mlp::{require, require_size, require_widths};

/// Makes rows with rare labels by an auto-encoder of features and labels.
///
/// All rows are kept, and at most `sampling_rate` × rows are made; those for which no label is decoded are
/// dropped. Row weights are not used in training; a new row has the weight of its seed.
///
/// ```
/// use imb_core::{Dataset, LabelMatrix, Origin, Parent, Resample, Run, Seed, Train};
/// use imb_neural::generative::Aemlo;
/// use ndarray::Array2;
///
/// // Of 24 rows the last has the label "rare", at the far end of both columns.
/// let x = Array2::from_shape_fn((24, 2), |(row, column)| row as f64 * [1.0, 10.0][column]);
/// let y = Array2::from_shape_fn((24, 2), |(row, label)| label == 0 || row == 23);
/// let rows = Dataset::unnamed(x, LabelMatrix::new(y, vec!["often".into(), "rare".into()])?)?;
///
/// let method = Aemlo { sampling_rate: 0.25, latent_units: 16, epochs: 20, ..Aemlo::default() };
/// let (mut rng, mut nobody) = (Seed::new(7).rng(), ());
/// let train = Train { rows, validation: None };
/// let made = method.resample(&train, &mut Run::new(&mut rng, &mut nobody))?;
/// assert!(!made.origins.is_empty());
/// assert!(made.origins.iter().all(|origin| *origin == Origin::Latent { seed: Parent::Row(23), given: None }));
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// *See also* `Mlsmote`, `Mlsol` and `Mlbote` of `imb-resample`, which interpolate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aemlo {
    /// p: new rows as a share of the training rows, above 0.
    pub sampling_rate: f64,
    /// α: the weight of the feature loss Ψ (eq. 2).
    pub alpha: f64,
    /// β: the weight of the label loss Γ (eq. 2).
    pub beta: f64,
    /// The weight of the latent loss Φ. The paper has 1; 0 leaves the loss out.
    pub latent_weight: f64,
    /// λ of eq. 3: the weight of the orthonormality of the latent units within Φ.
    pub orthonormality: f64,
    /// λ of eq. 5: the weight of the distances between rows within Ψ.
    pub distances: f64,
    /// l: the units of the latent space.
    pub latent_units: usize,
    /// The units of each layer of F_ex before the latent one.
    pub feature_encoder: Vec<usize>,
    /// The units of each layer of F_ey before the latent one.
    pub label_encoder: Vec<usize>,
    /// What F_ey does behind these layers.
    pub label_encoder_end: LabelEncoder,
    /// The units of each layer of F_dx before its last.
    pub feature_decoder: Vec<usize>,
    /// The units of each layer of F_dy before its last.
    pub label_decoder: Vec<usize>,
    /// What the activations multiply sums below zero by.
    pub slope: f64,
    /// How Ψ and Γ are averaged.
    pub reconstruction: Reconstruction,
    /// Which labels make a row a seed.
    pub seed_labels: SeedLabels,
    /// The order in which seeds are taken.
    pub seed_order: SeedOrder,
    /// Where the threshold of each label comes from.
    pub thresholds: Thresholds,
    /// The share of the training rows on which thresholds are chosen if no validation rows are given.
    pub validation_share: f64,
    /// How columns are scaled while the network works.
    pub scaling: Scaling,
    /// The optimiser.
    pub adam: Adam,
    /// Rows of a mini-batch, at least 2.
    pub batch_size: usize,
    /// Passes over the training rows.
    pub epochs: u64,
    /// Whether the weights of the epoch with the smallest summed training loss are kept, not the last ones.
    pub keep_best_epoch: bool,
}

/// What F_ey does behind its hidden layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelEncoder {
    /// The latent layer has an activation, as that of F_ex.
    #[default]
    Plain,
    /// A gate x · σ(W x + b), and a latent layer without activation, as released.
    Gated,
}

/// How the losses of the reconstruction are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reconstruction {
    /// The mean squared error, as the paper's text has it.
    #[default]
    Squared,
    /// The mean absolute error; Ψ is divided by the rows of the mini-batch, and the pairs of labels are
    /// counted with 1e-4 more.
    AsReleased,
}

/// Which labels make a row a seed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedLabels {
    /// Those with ImR > 10 and IRLbl > MeanIR, the paper's L_s.
    #[default]
    ImrAndIrlbl,
    /// Those with IRLbl > MeanIR, as released.
    Irlbl,
}

/// The order in which seeds are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedOrder {
    /// Each is drawn from all of them, as in Algorithm 1.
    #[default]
    Random,
    /// All of them in turn, in an order that is drawn once, as released.
    InTurn,
}

/// Where the threshold of each label comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thresholds {
    /// The one with the best F1 of the label on validation rows.
    #[default]
    Tuned,
    /// 0.5 for all labels, as released.
    Half,
}

/// How columns are scaled while the network works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// To 0 … 1 by their range in the training rows.
    #[default]
    MinMax,
    /// Not at all: the rows are scaled before.
    None,
}

/// The name in error messages.
const METHOD: &str = "AEMLO";

impl Default for Aemlo {
    /// [`paper`](Self::paper).
    fn default() -> Self {
        Self::paper()
    }
}

impl Aemlo {
    /// The network and losses of the paper's text, with the constants of the released code.
    pub fn paper() -> Self {
        Self {
            sampling_rate: 0.1,
            alpha: 1.0,
            beta: 0.1,
            latent_weight: 1.0,
            orthonormality: 0.1,
            distances: 1.0,
            latent_units: 512,
            feature_encoder: vec![512],
            label_encoder: vec![512],
            label_encoder_end: LabelEncoder::Plain,
            feature_decoder: vec![],
            label_decoder: vec![],
            slope: 0.01,
            reconstruction: Reconstruction::Squared,
            seed_labels: SeedLabels::ImrAndIrlbl,
            seed_order: SeedOrder::Random,
            thresholds: Thresholds::Tuned,
            validation_share: 0.2,
            scaling: Scaling::MinMax,
            adam: Adam::default(),
            batch_size: 128,
            epochs: 100,
            keep_best_epoch: false,
        }
    }

    /// As the released code does it. It ignores its α and β, which is what 1 and 1 do here.
    pub fn as_released() -> Self {
        Self {
            beta: 1.0,
            latent_units: 500,
            feature_encoder: vec![200, 200],
            label_encoder: vec![200],
            label_encoder_end: LabelEncoder::Gated,
            feature_decoder: vec![200],
            label_decoder: vec![100],
            reconstruction: Reconstruction::AsReleased,
            seed_labels: SeedLabels::Irlbl,
            seed_order: SeedOrder::InTurn,
            thresholds: Thresholds::Half,
            scaling: Scaling::None,
            epochs: 201,
            keep_best_epoch: true,
            ..Self::paper()
        }
    }

    fn check(&self, rows: &Dataset<LabelMatrix>) -> Result<()> {
        for (name, widths) in [
            ("feature_encoder", &self.feature_encoder),
            ("label_encoder", &self.label_encoder),
            ("feature_decoder", &self.feature_decoder),
            ("label_decoder", &self.label_decoder),
        ] {
            require_widths(name, widths)?;
        }
        require_size("latent_units", 1, self.latent_units)?;
        for (name, weight) in [
            ("alpha", self.alpha),
            ("beta", self.beta),
            ("latent_weight", self.latent_weight),
            ("orthonormality", self.orthonormality),
            ("distances", self.distances),
            ("slope", self.slope),
        ] {
            require(name, "finite and not negative", weight >= 0.0 && weight.is_finite(), weight)?;
        }
        let share = self.validation_share;
        require("validation_share", "at least 0 and below 1", (0.0..1.0).contains(&share), share)?;
        require("batch_size", "at least 2", self.batch_size >= 2, self.batch_size)?;
        require("epochs", "at least 1", self.epochs >= 1, self.epochs)?;
        self.adam.check("adam")?;
        check_data(rows)
    }

    /// New rows to make at a sampling rate.
    fn n_new(rate: f64, rows: &Dataset<LabelMatrix>) -> Result<usize> {
        require("sampling_rate", "a number above 0, such as 0.3", rate > 0.0 && rate.is_finite(), rate)?;
        let n_new = (rate * rows.n_rows() as f64) as usize;
        // The reservation is given back at once: it asks the system whether it would grant the memory.
        let numbers = n_new.saturating_mul(rows.n_features());
        if Vec::<f64>::new().try_reserve_exact(numbers).is_ok() {
            return Ok(n_new);
        }
        let value = format!("{rate}, which asks for {n_new} rows");
        Err(Error::invalid_parameter("sampling_rate", "one whose rows fit into memory", value))
    }

    /// Trains the network and decodes every seed. The parameters have been checked.
    fn train(&self, train: &Train<LabelMatrix>, run: &mut Run<'_, LabelMatrix>) -> Result<Trained> {
        let rows = train.rows.clone();
        let Some(seeds) = Seeds::of(self.seed_labels, rows.y()) else {
            return Ok(Trained { method: self.clone(), rows, seeds: None });
        };
        let parts = self.parts(train, run)?;
        let device = run.device;
        let decoded = work_on(device, Training { method: self, rows: &rows, seeds: &seeds, parts, run })?;
        Ok(Trained { method: self.clone(), rows, seeds: Some((seeds, decoded)) })
    }

    /// The rows to train on and those to choose thresholds on. `given` are the validation rows.
    fn parts(&self, train: &Train<LabelMatrix>, run: &mut Run<'_, LabelMatrix>) -> Result<Parts> {
        let rows = &train.rows;
        let all = || (0..rows.n_rows()).collect::<Vec<_>>();
        if self.thresholds == Thresholds::Half {
            return Ok(Parts { fitted: all(), validation: None });
        }
        if let Some(given) = &train.validation {
            train.check_validation()?;
            return Ok(Parts { fitted: all(), validation: Some(given.clone()) });
        }
        let apart = (self.validation_share * rows.n_rows() as f64) as usize;
        let apart = apart.min(rows.n_rows().saturating_sub(2));
        let mut order = all();
        order.shuffle(run.rng);
        let mut fitted = order.split_off(apart);
        fitted.sort_unstable();
        order.sort_unstable();
        let validation = if order.is_empty() { None } else { Some(rows.select(&order)?) };
        Ok(Parts { fitted, validation })
    }
}

/// What the training rows are used for.
struct Parts {
    /// Rows to train on, by number.
    fitted: Vec<usize>,
    /// Rows to choose thresholds on.
    validation: Option<Dataset<LabelMatrix>>,
}

fn check_data(rows: &Dataset<LabelMatrix>) -> Result<()> {
    let not_applicable = |reason: String| Err(Error::NotApplicable { method: METHOD.into(), reason });
    let (n, n_labels) = (rows.n_rows(), rows.y().n_labels());
    if n < 2 {
        let (class, remedy) = ("the data set".into(), "give it more rows".into());
        return Err(Error::TooFewRows { class, has: n, needs: 2, remedy });
    }
    if !rows.y().view().iter().any(|on| *on) {
        return not_applicable(format!(
            "none of the {n_labels} labels has a positive row, so there is no imbalance to measure: give it rows with labels"
        ));
    }
    if n_labels < 2 {
        return not_applicable(
            "a label is rare in comparison with others, and there is only one: use a resampler of classes"
                .into(),
        );
    }
    Ok(())
}

impl Resample<LabelMatrix> for Aemlo {
    /// The delivery report has an entry `all labels` with the rows asked for and delivered, and how many were
    /// dropped or are copies; then one for each label whose count changes or of which there is something to
    /// say. The observer gets the values `gradient_steps`, `epochs`, `dropped_rows`, `copied_rows`, the
    /// series `losses`, a step an epoch, and the progress of each mini-batch.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`], also for validation rows with other categories or labels than the training rows;
    /// [`Error::LengthMismatch`] if they have another number of features; [`Error::TooFewRows`] for a single row;
    /// [`Error::NotApplicable`] without positive rows or with one label; [`Error::NotFinite`] for a number beyond f32;
    /// [`Error::Diverged`]; [`Error::Interrupted`].
    fn resample(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Resampled<LabelMatrix>> {
        self.check(&train.rows)?;
        Self::n_new(self.sampling_rate, &train.rows)?;
        self.train(train, run)?.at_rate(self.sampling_rate, run)
    }

    fn trained(
        &self,
        train: &Train<LabelMatrix>,
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Option<Box<dyn AtRate<LabelMatrix>>>> {
        self.check(&train.rows)?;
        Ok(Some(Box::new(self.train(train, run)?)))
    }
}

/// AEMLO after its training: all seeds and what they are decoded to.
struct Trained {
    method: Aemlo,
    rows: Dataset<LabelMatrix>,
    /// None where no label is rare enough.
    seeds: Option<(Seeds, Decoded)>,
}

impl AtRate<LabelMatrix> for Trained {
    fn at_rate(&self, rate: f64, run: &mut Run<'_, LabelMatrix>) -> Result<Resampled<LabelMatrix>> {
        let n_new = Aemlo::n_new(rate, &self.rows)?;
        let Some((seeds, decoded)) = &self.seeds else {
            return Ok(unchanged(&self.rows, n_new, self.method.seed_labels));
        };
        let drawn = seeds.draw(self.method.seed_order, n_new, run.rng);
        resampled(&self.rows, n_new, &drawn, decoded, run)
    }
}

/// Training and decoding, on the device of the run.
struct Training<'a, 'r> {
    method: &'a Aemlo,
    rows: &'a Dataset<LabelMatrix>,
    seeds: &'a Seeds,
    parts: Parts,
    run: &'a mut Run<'r, LabelMatrix>,
}

impl Work for Training<'_, '_> {
    type Output = Decoded;

    fn on<M: Matrix>(self, place: &M::Place) -> Result<Self::Output> {
        let Self { method, rows, seeds, parts, run } = self;
        let columns = Columns::new(rows, &parts.fitted, method.scaling)?;
        if let Some(validation) = &parts.validation {
            columns.require_encodable(validation)?;
        }
        let initial = Initial::draw(method, columns.width(), rows.y().n_labels(), run.rng);
        let network = Autoencoder::<M>::new(method, &initial, place);
        let training = training::Training { method, rows, fitted: &parts.fitted, columns: &columns };
        let (network, epoch) = training.train(network, run, place)?;
        let decoder = Decoder { network: network.detached(), epoch, columns: &columns, place };
        let thresholds = match &parts.validation {
            Some(validation) => decoder.chosen_thresholds(validation)?,
            None => vec![0.5; rows.y().n_labels()],
        };
        decoder.decoded(rows, &seeds.0, &thresholds, run)
    }
}
