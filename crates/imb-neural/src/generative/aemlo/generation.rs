//! From a trained network to new rows: seeds, thresholds, rows, report.

use imb_core::{
    Dataset, Delivery, Error, LabelImbalance, LabelMatrix, Origin, Parent, Resampled, Result, Rng, Run,
    Target,
};
use ndarray::{Array2, ArrayView1, Axis};
use rand::RngExt;
use rand::seq::SliceRandom;

use super::columns::Columns;
use super::network::Autoencoder;
use super::{METHOD, SeedLabels, SeedOrder};
use crate::matrix::Matrix;

/// M: the rows with a minority label, ascending.
pub(crate) struct Seeds(pub(crate) Vec<usize>);

/// The paper's bound of ImR.
const IMR_ABOVE: f64 = 10.0;

impl Seeds {
    /// None where no label is rare enough.
    pub(crate) fn of(rule: SeedLabels, labels: &LabelMatrix) -> Option<Self> {
        let bound = (rule == SeedLabels::ImrAndIrlbl).then_some(IMR_ABOVE);
        let rows = LabelImbalance::of(labels).minority_rows(labels, bound);
        (!rows.is_empty()).then_some(Self(rows))
    }

    /// The seed of each new row.
    pub(crate) fn draw(&self, order: SeedOrder, n_new: usize, rng: &mut Rng) -> Vec<usize> {
        match order {
            SeedOrder::Random => (0..n_new).map(|_| self.0[rng.random_range(0..self.0.len())]).collect(),
            SeedOrder::InTurn => {
                let mut rows = self.0.clone();
                rows.shuffle(rng);
                rows.into_iter().cycle().take(n_new).collect()
            }
        }
    }
}

/// Rows that go through the network at once: enough for fast products, few enough to stay in the caches.
const BLOCK: usize = 256;

/// A trained network, with all that is needed to decode rows by it.
pub(crate) struct Decoder<'a, M: Matrix> {
    pub(crate) network: Autoencoder<M>,
    /// The epoch that training came to, from 0, for an error.
    pub(crate) epoch: u64,
    pub(crate) columns: &'a Columns,
    pub(crate) place: &'a M::Place,
}

impl<M: Matrix> Decoder<'_, M> {
    /// T: for each label the threshold with the best F1 on validation rows.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub(crate) fn chosen_thresholds(&self, validation: &Dataset<LabelMatrix>) -> Result<Vec<f64>> {
        let rows: Vec<usize> = (0..validation.n_rows()).collect();
        let mut scores = Array2::zeros((0, validation.y().n_labels()));
        for rows in rows.chunks(BLOCK) {
            let [_, labels] = self.outputs(validation, rows)?;
            scores.append(Axis(0), labels.view()).expect("a column a label");
        }
        let on = validation.y().view();
        let labels = scores.columns().into_iter().zip(on.columns());
        Ok(labels.map(|(scores, on)| best_threshold(scores, on)).collect())
    }

    /// Decodes seeds, which ascend.
    pub(crate) fn decoded(
        &self,
        rows: &Dataset<LabelMatrix>,
        seeds: &[usize],
        thresholds: &[f64],
        run: &mut Run<'_, LabelMatrix>,
    ) -> Result<Decoded> {
        const STAGE: &str = "generating rows";
        let known: Vec<bool> = rows.y().positives().into_iter().map(|count| count > 0).collect();
        let mut x = Array2::zeros((seeds.len(), rows.n_features()));
        let mut on = Array2::from_elem((seeds.len(), known.len()), false);
        for (block, numbers) in seeds.chunks(BLOCK).enumerate() {
            let [features, scores] = self.outputs(rows, numbers)?;
            for (place, (features, scores)) in features.rows().into_iter().zip(scores.rows()).enumerate() {
                let row = block * BLOCK + place;
                self.columns.decode(&features.to_vec(), x.row_mut(row));
                for (label, score) in scores.iter().enumerate() {
                    on[[row, label]] = known[label] && is_on(*score, thresholds[label]);
                }
            }
            let (done, total) = ((block * BLOCK + numbers.len()) as u64, seeds.len() as u64);
            if run.observer.progress(STAGE, done, total).is_break() && done < total {
                return Err(Error::Interrupted { stage: STAGE.into(), kept: "no row is kept".into() });
            }
        }
        Ok(Decoded { seeds: seeds.to_vec(), x, on })
    }

    /// Features of new rows, as outputs of the network, and scores of their labels.
    fn outputs(&self, data: &Dataset<LabelMatrix>, rows: &[usize]) -> Result<[Array2<f64>; 2]> {
        let x = M::constant(self.columns.encode(data.x(), rows).view(), self.place);
        let [features, labels] = self.network.generate(&x);
        let outputs = [features.values(), labels.sigmoid().values()];
        if outputs.iter().flatten().all(|number| number.is_finite()) {
            return Ok(outputs);
        }
        let detail = "the trained network gives numbers that are not finite".into();
        Err(Error::Diverged { method: METHOD.into(), epoch: self.epoch as usize, detail })
    }
}

/// From 0.01 to 0.99. Of equally good ones it takes the nearest to 0.5, and the lower of two such; so where
/// none finds a positive row it is 0.5.
pub(crate) fn best_threshold(scores: ArrayView1<'_, f64>, on: ArrayView1<'_, bool>) -> f64 {
    let mut candidates: Vec<u32> = (1..100).collect();
    candidates.sort_by_key(|percent| percent.abs_diff(50));
    let f1 = |threshold: f64| {
        let (mut hits, mut called, mut positive) = (0.0, 0.0, 0.0);
        for (score, on) in scores.iter().zip(on) {
            let call = is_on(*score, threshold);
            hits += f64::from(u8::from(call && *on));
            called += f64::from(u8::from(call));
            positive += f64::from(u8::from(*on));
        }
        if hits > 0.0 { 2.0 * hits / (called + positive) } else { 0.0 }
    };
    let mut best = (0.5, f1(0.5));
    for threshold in candidates.into_iter().map(|percent| f64::from(percent) / 100.0) {
        let found = f1(threshold);
        if found > best.1 {
            best = (threshold, found);
        }
    }
    best.0
}

/// A score of exactly the threshold is off, as in PyTorch's rounding of 0.5.
pub(crate) fn is_on(score: f64, threshold: f64) -> bool {
    score > threshold
}

/// What each seed is decoded to.
pub(crate) struct Decoded {
    /// The seeds, ascending.
    seeds: Vec<usize>,
    /// `(n_seeds, n_features)`.
    x: Array2<f64>,
    /// `(n_seeds, n_labels)`.
    on: Array2<bool>,
}

/// All rows, and the decoded ones of the seeds that were drawn, without those that have no label.
pub(crate) fn resampled(
    rows: &Dataset<LabelMatrix>,
    asked: usize,
    drawn: &[usize],
    made: &Decoded,
    run: &mut Run<'_, LabelMatrix>,
) -> Result<Resampled<LabelMatrix>> {
    let place = |seed: &usize| made.seeds.binary_search(seed).expect("all that are drawn are decoded");
    let has_label = |place: &usize| made.on.row(*place).iter().any(|on| *on);
    let places: Vec<usize> = drawn.iter().map(place).filter(has_label).collect();
    let mut distinct = places.clone();
    distinct.sort_unstable();
    distinct.dedup();
    let (dropped, copies) = (asked - places.len(), places.len() - distinct.len());
    run.observer.value("dropped_rows", dropped as f64);
    run.observer.value("copied_rows", copies as f64);

    let mut resampled = Resampled::kept_only(rows, (0..rows.n_rows()).collect(), vec![]);
    resampled.synthetic = made.x.select(Axis(0), &places);
    resampled.synthetic_targets =
        LabelMatrix::new(made.on.select(Axis(0), &places), rows.y().names().to_vec())?;
    let origin = |&place: &usize| Origin::Latent { seed: Parent::Row(made.seeds[place]), given: None };
    resampled.origins = places.iter().map(origin).collect();
    let remark = format!(
        "{dropped} rows dropped, for which no label was decoded; {copies} are copies of others, of the same seed"
    );
    resampled.delivery = delivery(rows.y(), &resampled.synthetic_targets, asked, remark);
    Ok(resampled)
}

/// All rows and no new ones, because no label is rare enough.
pub(crate) fn unchanged(
    rows: &Dataset<LabelMatrix>,
    asked: usize,
    rule: SeedLabels,
) -> Resampled<LabelMatrix> {
    let rule = match rule {
        SeedLabels::ImrAndIrlbl => "ImR above 10 and IRLbl above MeanIR",
        SeedLabels::Irlbl => "IRLbl above MeanIR",
    };
    let remark = format!("no label has {rule}, so there are no seeds");
    let mut resampled = Resampled::kept_only(rows, (0..rows.n_rows()).collect(), vec![]);
    resampled.delivery = delivery(rows.y(), &resampled.synthetic_targets, asked, remark);
    resampled
}

/// The name under which the report speaks of all new rows together: AEMLO asks for rows, not for labels.
const ALL: &str = "all labels";

/// One entry for all, then one for each label that changes or has no positive row.
fn delivery(before: &LabelMatrix, new: &LabelMatrix, asked: usize, remark: String) -> Vec<Delivery> {
    let all = Delivery { name: ALL.into(), asked, delivered: new.n_rows(), remark: Some(remark) };
    let counts = before.positives().into_iter().zip(new.positives());
    let of_label = |(name, (before, new)): (&String, (usize, usize))| {
        let mut remark = format!("positive rows: {before} before, {} after", before + new);
        if before == 0 {
            remark += "; it has no positive row and took no part";
        }
        let entry = Delivery { name: name.clone(), asked: 0, delivered: 0, remark: Some(remark) };
        (before == 0 || new > 0).then_some(entry)
    };
    std::iter::once(all).chain(before.names().iter().zip(counts).filter_map(of_label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Observe, Seed, Watch};
    use ndarray::array;

    #[derive(Default)]
    struct Values(Vec<(String, f64)>);

    impl Watch for Values {
        fn value(&mut self, name: &str, value: f64) {
            self.0.push((name.into(), value));
        }
    }

    impl Observe<LabelMatrix> for Values {}

    /// Three seeds, of which the second was decoded to no label at all. It is drawn twice, the first three times.
    #[test]
    fn rows_without_labels_are_dropped_and_counted() {
        let names = vec!["often".to_owned(), "rare".to_owned()];
        let y = LabelMatrix::new(array![[true, false], [true, true], [true, true], [true, true]], names);
        let rows =
            Dataset::unnamed(array![[0.0], [1.0], [2.0], [3.0]], y.expect("two names")).expect("finite");
        let made = Decoded {
            seeds: vec![1, 2, 3],
            x: array![[10.0], [20.0], [30.0]],
            on: array![[true, false], [false, false], [true, true]],
        };
        let (mut rng, mut values) = (Seed::new(1).rng(), Values::default());
        let drawn = [1, 2, 1, 3, 2, 1];
        let resampled = resampled(&rows, 6, &drawn, &made, &mut Run::new(&mut rng, &mut values));
        let resampled = resampled.expect("fits");
        assert_eq!(resampled.synthetic, array![[10.0], [10.0], [30.0], [10.0]]);
        assert_eq!(resampled.seed_rows(), [1, 1, 3, 1]);
        let on = resampled.synthetic_targets.view();
        assert!(on.rows().into_iter().all(|row| row.iter().any(|on| *on)), "{on}");
        assert_eq!(values.0, [("dropped_rows".to_owned(), 2.0), ("copied_rows".to_owned(), 2.0)]);
        let all = &resampled.delivery[0];
        assert_eq!((all.name.as_str(), all.asked, all.delivered), (ALL, 6, 4));
        let remark = all.remark.as_deref().expect("counts");
        assert!(remark.starts_with("2 rows dropped") && remark.contains("2 are copies"), "{remark}");
    }
}
