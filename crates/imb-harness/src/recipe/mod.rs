//! A method as a list of stages: any number of resamplers, then a learner.

mod choice;

use anyhow::{Context, Result, bail};
use cpu_time::ThreadTime;
use imb_core::{Dataset, Delivery, Predict, Resampled, Run, Train};
use imb_methods::{Method, method};
use serde::Serialize;

pub use self::choice::CHOICE;
use self::choice::ValidationChoice;

use crate::evidence::Scored;
use crate::projection::Projection;
use crate::spec::{Choice, StageSpec};

/// A method as a list of stages.
#[derive(Clone, Debug, Serialize)]
pub struct Recipe {
    stages: Vec<Stage>,
    /// Whether the learner's epochs are of the rows before resampling.
    epochs_of_given_rows: bool,
}

/// A method of the registry with its parameters.
#[derive(Clone, Debug, Serialize)]
struct Stage {
    method: &'static str,
    versions: Vec<(&'static str, u32)>,
    parameters: toml::Table,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<ValidationChoice>,
}

/// Training rows as the resamplers of a recipe left them.
#[derive(Clone, Debug)]
pub struct Made<Y> {
    /// The rows to fit the learner to.
    pub train: Train<Y>,
    /// Rows before resampling.
    pub n_given_rows: usize,
    /// Rows that a model generated, for a plot; none where the last resampler generated none.
    pub projection: Option<Projection>,
    /// What the resamplers delivered.
    pub delivery: Vec<Delivery>,
    /// CPU seconds of each stage, in order.
    pub seconds: Vec<(&'static str, f64)>,
}

/// What a recipe made of training rows.
pub struct Fitted<Y> {
    /// The model.
    pub model: Box<dyn Predict<Y>>,
    /// The rows that the last stage was given.
    pub rows: Dataset<Y>,
    /// Rows that a model generated, for a plot; none where the last resampler generated none.
    pub projection: Option<Projection>,
    /// What the resamplers before it delivered.
    pub delivery: Vec<Delivery>,
    /// CPU seconds of each stage, in order.
    pub seconds: Vec<(&'static str, f64)>,
}

impl Recipe {
    /// The stages of a column followed by the learner, or around it where the last stage trains the
    /// learner inside. `of_dataset` are parameters of the learner that a data set has of its own.
    ///
    /// # Errors
    /// If a method or preset is unknown, or there is no learner.
    pub fn new(
        stages: &[StageSpec],
        learner: Option<&StageSpec>,
        of_dataset: Option<&toml::Table>,
    ) -> Result<Self> {
        let own_learner = stages.last().is_some_and(|stage| stage.own_learner);
        let learner = learner.map(|learner| Stage::new(learner, of_dataset)).transpose()?;
        let around = stages.last().is_some_and(|stage| stage.around_learner);
        let learner = learner.filter(|_| !own_learner);
        let mut stages: Vec<Stage> =
            stages.iter().map(|stage| Stage::new(stage, None)).collect::<Result<_>>()?;
        match (learner, stages.last_mut().filter(|_| around)) {
            (Some(learner), Some(last)) => {
                last.put_inside(learner)?;
            }
            (Some(learner), None) => stages.push(learner),
            (None, _) if own_learner => {}
            (None, _) => bail!("neither the protocol nor the column names a learner"),
        }
        Ok(Self { stages, epochs_of_given_rows: false })
    }

    /// The same, with the learner's epochs those of the rows before resampling.
    #[must_use]
    pub fn with_epochs_of_given_rows(mut self, yes: bool) -> Self {
        self.epochs_of_given_rows = yes;
        self
    }

    /// The same, with a parameter of the last resampler chosen on validation rows, by these learners.
    ///
    /// # Errors
    /// If there is no resampler, or a learner is unknown.
    pub fn with_choice(mut self, choice: &Choice, metric: &str, learners: &[&StageSpec]) -> Result<Self> {
        let Some(resampler) = self.stages.len().checked_sub(2) else { bail!("no resampler to choose for") };
        let learners = learners.iter().map(|learner| Stage::new(learner, None)).collect::<Result<_>>()?;
        self.stages[resampler].choice = Some(ValidationChoice::new(choice, metric, learners));
        Ok(self)
    }

    /// Whether validation rows, where there are any, change the result.
    pub fn uses_validation(&self) -> bool {
        self.stages.iter().any(|stage| stage.choice.is_some())
            || self.methods().any(|method| method.facts.uses_validation)
    }

    /// Whether a generator makes rows, all of a class at once.
    pub fn generates(&self) -> bool {
        self.stages.iter().any(|stage| ["gan", "smotified_gan", "gbo", "ssg"].contains(&stage.method))
    }

    fn methods(&self) -> impl Iterator<Item = &'static Method> {
        self.stages.iter().filter_map(|stage| method(stage.method).ok())
    }

    /// Resamples the training rows stage by stage and fits the learner.
    ///
    /// # Errors
    /// As the methods say.
    pub fn fit<Y: Scored>(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> imb_core::Result<Fitted<Y>> {
        let made = self.resample(train, run)?;
        self.fit_learner(made, run)
    }

    /// Resamples the training rows stage by stage.
    ///
    /// # Errors
    /// As the methods say.
    pub fn resample<Y: Scored>(&self, train: &Train<Y>, run: &mut Run<'_, Y>) -> imb_core::Result<Made<Y>> {
        let (_, resamplers) = self.stages.split_last().expect("a recipe has a learner");
        let n_given_rows = train.rows.n_rows();
        let mut made = Made {
            train: train.clone(),
            n_given_rows,
            projection: None,
            delivery: Vec::new(),
            seconds: Vec::new(),
        };
        for stage in resamplers {
            let resampled = match &stage.choice {
                Some(choice) => choice.resample(stage, &made.train, run, &mut made.seconds)?,
                None => stage.resample(&made.train, run, &mut made.seconds)?,
            };
            made.delivery.extend(resampled.delivery.iter().cloned());
            made.projection = Y::projection(&resampled, &made.train.rows);
            made.train.rows = resampled.into_dataset(&made.train.rows)?;
        }
        Ok(made)
    }

    /// Fits the learner to rows that the resamplers have made.
    ///
    /// # Errors
    /// As the learner says.
    pub fn fit_learner<Y: Scored>(
        &self,
        mut made: Made<Y>,
        run: &mut Run<'_, Y>,
    ) -> imb_core::Result<Fitted<Y>> {
        let learner = self.stages.last().expect("a recipe has a learner");
        let parameters = self.learner_parameters(learner, made.n_given_rows);
        let start = ThreadTime::now();
        let model = method(learner.method)?.learner::<Y>(parameters)?.fit(&made.train, run)?;
        made.seconds.push((learner.method, start.elapsed().as_secs_f64()));
        Ok(Fitted {
            model,
            rows: made.train.rows,
            projection: made.projection,
            delivery: made.delivery,
            seconds: made.seconds,
        })
    }

    /// The learner's parameters, with its epochs turned into as many gradient steps as they are on so many
    /// rows, where that is asked for.
    fn learner_parameters(&self, learner: &Stage, n_rows: usize) -> toml::Table {
        let mut parameters = learner.parameters.clone();
        let defaults = method(learner.method).map_or_else(|_| toml::Table::new(), Method::defaults);
        let of = |name: &str| parameters.get(name).or_else(|| defaults.get(name));
        let number = |value: Option<&toml::Value>| value.and_then(toml::Value::as_integer);
        let epochs = number(of("stop").and_then(|stop| stop.get("epochs")));
        let batch = number(of("batch_size")).and_then(|size| usize::try_from(size).ok());
        if let (true, Some(epochs), Some(batch)) = (self.epochs_of_given_rows, epochs, batch) {
            let steps = epochs.saturating_mul(n_rows.div_ceil(batch.max(1)) as i64);
            let stop: toml::Table = [("steps".to_owned(), steps.into())].into_iter().collect();
            parameters.insert("stop".to_owned(), stop.into());
        }
        parameters
    }
}

impl Stage {
    /// Puts a learner's parameters where the method has the learner that it trains inside. They are completed first:
    /// what they leave out is as the learner has it, and not as the method has the learner by default.
    fn put_inside(&mut self, learner: Self) -> Result<()> {
        let path = method(self.method)?.around;
        let Some((last, parents)) = path.and_then(<[_]>::split_last) else {
            bail!("{} trains no learner inside it", self.method);
        };
        let mut table = &mut self.parameters;
        for parent in parents {
            let inner = table.entry(*parent).or_insert_with(|| toml::Table::new().into());
            table = inner.as_table_mut().with_context(|| format!("{parent} of {}: no table", self.method))?;
        }
        table.insert((*last).to_owned(), method(learner.method)?.completed(learner.parameters)?.into());
        Ok(())
    }

    fn new(spec: &StageSpec, more: Option<&toml::Table>) -> Result<Self> {
        let method = method(&spec.method)?;
        let mut parameters = match &spec.preset {
            Some(preset) => method.preset(preset).context(spec.method.clone())?,
            None => toml::Table::new(),
        };
        parameters.extend(spec.parameters.clone());
        parameters.extend(more.cloned().unwrap_or_default());
        Ok(Self { method: method.name, versions: method.versions(), parameters, choice: None })
    }

    /// The same with a parameter of this value.
    fn with(&self, parameter: &str, value: &toml::Value) -> Self {
        let mut stage = self.clone();
        stage.parameters.insert(parameter.to_owned(), value.clone());
        stage
    }

    /// Resamples rows and notes the CPU seconds.
    fn resample<Y: Scored>(
        &self,
        train: &Train<Y>,
        run: &mut Run<'_, Y>,
        seconds: &mut Vec<(&'static str, f64)>,
    ) -> imb_core::Result<Resampled<Y>> {
        let start = ThreadTime::now();
        let resampler = method(self.method)?.resampler::<Y>(self.parameters.clone())?;
        let resampled = run.resampling(|run| resampler.resample(train, run))?;
        seconds.push((self.method, start.elapsed().as_secs_f64()));
        Ok(resampled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imb_core::{Dataset, Labels, Observe, Predict, Resampled, Seed, Watch};
    use ndarray::Array2;
    use std::ops::ControlFlow::{self, Continue};

    fn stage(text: &str) -> StageSpec {
        toml::from_str(text).expect("a stage")
    }

    #[test]
    fn a_learner_follows_the_stages_or_stands_inside_the_last() {
        let learner = stage("method = \"mlp_classifier\"\npreset = \"moods_sound\"\nbatch_size = 64");
        let smote = Recipe::new(&[stage("method = \"smote\"")], Some(&learner), None).expect("two stages");
        assert_eq!(smote.stages.len(), 2);
        assert!(!smote.uses_validation());
        let moods = stage("method = \"moods\"\npreset = \"as_released\"\naround_learner = true");
        let moods = Recipe::new(&[moods], Some(&learner), None).expect("one stage");
        assert!(moods.stages.len() == 1 && moods.uses_validation());
        assert_eq!(moods.stages[0].parameters["classifier"]["batch_size"], 64.into());
        assert!(Recipe::new(&[], None, None).is_err());
        let gamo = [stage("method = \"gamo\"\npreset = \"as_released\"\nown_learner = true")];
        let gamo = Recipe::new(&gamo, Some(&learner), None).expect("one stage");
        assert_eq!(gamo.stages.len(), 1, "the protocol's learner takes no part");
        assert_ne!(gamo.stages[0].parameters["classifier"]["batch_size"], 64.into());
    }

    /// The method's own classifier has other defaults: 2,000 steps in MOODS.
    #[test]
    fn what_a_learner_leaves_out_is_not_filled_in_by_the_method_around_it() {
        let learner = stage("method = \"mlp_classifier\"\nbatch_size = 64\nadam = { beta1 = 0.25 }");
        for around in ["moods", "moods_control", "gamo", "do"] {
            let stages = [stage(&format!("method = \"{around}\"\naround_learner = true"))];
            let recipe = Recipe::new(&stages, Some(&learner), None).expect("one stage");
            let parents = method(around).expect("known").around.expect("a learner inside");
            let of = |table: &toml::Table, name: &str| table[name].as_table().expect("a table").clone();
            let inside =
                parents.iter().fold(recipe.stages[0].parameters.clone(), |table, name| of(&table, name));
            let mut expected = method("mlp_classifier").expect("known").defaults();
            expected.insert("batch_size".into(), 64.into());
            expected["adam"].as_table_mut().expect("a table").insert("beta1".into(), 0.25.into());
            assert_eq!(inside, expected, "{around}");
        }
        // The presets are complete, so that the key of a recorded cell does not change.
        for preset in ["moods_released", "moods_sound", "adversarial_q"] {
            let inside = method("mlp_classifier").expect("known");
            let complete = inside.preset(preset).expect("known");
            assert_eq!(inside.completed(complete.clone()).expect("complete"), complete, "{preset}");
        }
    }

    /// The training sets and the epochs that an observer is shown.
    #[derive(Default)]
    struct Shown(usize, usize);

    impl Watch for Shown {}

    impl Observe<Labels> for Shown {
        fn on_resampled(&mut self, _resampled: &Resampled<Labels>) {
            self.0 += 1;
        }

        fn on_epoch(&mut self, _epoch: usize, _model: &dyn Predict<Labels>) -> ControlFlow<()> {
            self.1 += 1;
            Continue(())
        }
    }

    /// As a stage MOODS trains networks of its own, which are not the learner. Around the learner, they are.
    #[test]
    fn what_a_resampler_trains_for_itself_is_not_taken_for_the_learner() {
        let x = Array2::from_shape_fn((80, 2), |(row, column)| {
            ((row * 7 + column * 3) % 11) as f64 / 2.0 + if row % 4 == 0 { 4.0 } else { 0.0 }
        });
        let codes = (0..80).map(|row| u32::from(row % 4 == 0)).collect();
        let y = Labels::new(codes, vec!["often".into(), "rare".into()]).expect("two classes");
        let train = Train { rows: Dataset::unnamed(x, y).expect("finite"), validation: None };
        let shown = |stages: &str, learner: &str| {
            let recipe = Recipe::new(&[stage(stages)], Some(&stage(learner)), None).expect("a recipe");
            let (mut rng, mut shown) = (Seed::new(7).rng(), Shown::default());
            let fitted = recipe.fit(&train, &mut Run::new(&mut rng, &mut shown)).expect("fits");
            (shown, fitted.rows.n_rows())
        };
        let short = "stop = { steps = 20 }";
        let moods = "method = \"moods\"\npreset = \"as_released\"\n";
        let (as_stage, n_rows) = shown(&format!("{moods}classifier = {{ {short} }}"), "method = \"cart\"");
        assert!(n_rows < 80, "the learner is fitted to the rows that were chosen");
        assert_eq!((as_stage.0, as_stage.1), (0, 0));
        let around = format!("{moods}around_learner = true");
        let (around, _) = shown(&around, &format!("method = \"mlp_classifier\"\n{short}"));
        assert!(around.0 == 1 && around.1 > 0, "its own set and its epochs");
    }

    #[test]
    fn epochs_may_be_those_of_the_rows_before_resampling() {
        let learner = stage("method = \"mlp_classifier\"\npreset = \"adversarial_q\"");
        let recipe = Recipe::new(&[], Some(&learner), None).expect("a learner");
        let stop = |recipe: &Recipe| recipe.learner_parameters(&recipe.stages[0], 65)["stop"].clone();
        assert_eq!(stop(&recipe)["epochs"], 100.into());
        assert_eq!(stop(&recipe.with_epochs_of_given_rows(true))["steps"], 300.into(), "three batches of 32");
    }

    #[test]
    fn a_data_set_may_change_the_learner() {
        let learner = stage("method = \"mlp_classifier\"\npreset = \"adversarial_q\"");
        let large: toml::Table = "batch_size = 256".parse().expect("TOML");
        let recipe = Recipe::new(&[], Some(&learner), Some(&large)).expect("a learner");
        assert_eq!(recipe.stages[0].parameters["batch_size"], 256.into());
        let built = method("mlp_classifier")
            .and_then(|method| method.learner::<Labels>(recipe.stages[0].parameters.clone()).map(drop));
        assert!(built.is_ok());
    }
}
