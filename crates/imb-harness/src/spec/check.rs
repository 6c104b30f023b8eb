//! Whether what refers to something in a specification finds it.

use anyhow::{Context, Result, bail, ensure};

use super::{ClaimSpec, ClaimTest, Column, RunRule, SensitivitySpec, Spec, SweepSpec, TableSpec};

impl Spec {
    /// Checks that what refers to something finds it, that every cell has a rule, and that nothing is said twice.
    ///
    /// # Errors
    /// With the first reference that does not.
    pub fn check(&self) -> Result<()> {
        if let Some(printed) = &self.printed {
            self.knows_protocols([&printed.protocol, &printed.main_protocol])?;
            self.knows_columns([&printed.baseline, &printed.method])?;
        }
        for (name, protocol) in &self.protocols {
            self.knows_columns(&protocol.only_columns)?;
            self.knows_learners(&protocol.only_learners)?;
            ensure!(
                !protocol.evaluations.is_empty(),
                "protocol \"{name}\" evaluates nothing: name at least one evaluation, such as evaluations = [\"last\"], \
                 or leave `evaluations` out"
            );
        }
        for table in &self.tables {
            self.check_table(table).with_context(|| format!("table {}", table.number))?;
        }
        self.columns.values().try_for_each(|column| self.check_column(column))?;
        for learner in self.learners.values() {
            self.knows_protocols(learner.under.keys().chain(&learner.only_under))?;
        }
        self.choices.values().try_for_each(|rule| self.knows_learners(&rule.learners))?;
        self.knows_learners(&self.smoke_learners)?;
        for claim in &self.claims {
            self.check_claim(claim).with_context(|| claim.says.clone())?;
        }
        for comparison in &self.comparisons {
            self.knows_protocols([&comparison.protocol])?;
            self.knows_columns(&comparison.columns)?;
        }
        self.check_differences()?;
        for sensitivity in &self.sensitivities {
            self.check_sensitivity(sensitivity).with_context(|| sensitivity.about.clone())?;
        }
        self.check_sweeps()?;
        self.check_figures()?;
        self.check_runs()
    }

    /// The measures that something is chosen by, tested on or compared by, and that figures show or a table shows under one
    /// protocol; the others of tables are not among them.
    pub fn measures(&self) -> impl Iterator<Item = &String> {
        let of_sensitivities = self.sensitivities.iter().flat_map(|of| {
            [Some(&of.metric), of.first.metric.as_ref(), of.second.metric.as_ref()].into_iter().flatten()
        });
        let of_protocols = self.protocols.values().filter_map(|protocol| protocol.choose_epoch_by.as_ref());
        of_protocols
            .chain(self.choices.values().map(|rule| &rule.metric))
            .chain(self.printed.iter().map(|printed| &printed.metric))
            .chain(self.claims.iter().flat_map(|claim| claim.test.measures()))
            .chain(self.sweeps.iter().map(|sweep| &sweep.choose_by))
            .chain(self.comparisons.iter().flat_map(|comparison| &comparison.measures))
            .chain(self.figures.iter().flat_map(|figure| &figure.measures))
            .chain(
                self.tables.iter().flat_map(|table| &table.lines).flat_map(|line| line.metric_under.values()),
            )
            .chain(of_sensitivities)
    }

    fn knows_protocols<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<()> {
        names.into_iter().try_for_each(|name| self.protocol(name).map(drop))
    }

    fn knows_columns<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<()> {
        names.into_iter().try_for_each(|name| self.column(name).map(drop))
    }

    fn knows_learners<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<()> {
        names.into_iter().try_for_each(|name| self.learner(name).map(drop))
    }

    fn check_column(&self, column: &Column) -> Result<()> {
        self.knows_protocols(column.under.keys().chain(&column.only_under))?;
        for (protocol, rows) in column.choice.iter().flat_map(|choice| &choice.on) {
            self.knows_protocols([protocol])?;
            self.choice_rule(*rows)?;
        }
        Ok(())
    }

    /// The columns of a table may be methods of the paper that cannot be run; what else it names is there.
    fn check_table(&self, table: &TableSpec) -> Result<()> {
        self.knows_columns(&table.of_column)?;
        self.knows_learners(&table.learners)?;
        let lines = || table.lines.iter();
        self.knows_protocols(lines().flat_map(|line| line.protocols.iter().chain(line.metric_under.keys())))
    }

    fn check_claim(&self, claim: &ClaimSpec) -> Result<()> {
        self.knows_protocols([&claim.protocol].into_iter().chain(&claim.also_under))?;
        if matches!(claim.test, ClaimTest::RanksAhead { .. } | ClaimTest::NoRankLosses { .. }) {
            self.rank_table().context("a claim about ranks needs a table with statistic = \"mean_rank\"")?;
        }
        self.knows_columns(claim.test.columns())
    }

    fn check_differences(&self) -> Result<()> {
        let is_shown = |metric: &&String| {
            self.tables.iter().any(|table| table.lines.iter().any(|line| line.metric == **metric))
        };
        for difference in &self.differences {
            self.knows_columns(&difference.columns)?;
            self.knows_learners(&difference.learners)?;
            if let Some(metric) = difference.metrics.iter().find(|metric| !is_shown(metric)) {
                bail!("no table shows \"{metric}\", of which a [[difference]] speaks");
            }
        }
        Ok(())
    }

    fn check_sweeps(&self) -> Result<()> {
        for (number, sweep) in self.sweeps.iter().enumerate() {
            self.knows_columns([&sweep.column])?;
            self.knows_protocols(&sweep.protocols)?;
            self.knows_learners(&sweep.learners)?;
            if let Some(name) = sweep.never_best.keys().find(|name| !sweep.values.contains_key(*name)) {
                bail!("never_best names \"{name}\", which the sweep of \"{}\" does not turn", sweep.column);
            }
            if let Some(name) = sweep.best.keys().find(|name| self.columns.contains_key(*name)) {
                bail!("\"{name}\" is a column, and cannot name the best of a sweep");
            }
            if let Some(other) = self.sweeps[..number].iter().find(|other| other.is_confused_with(sweep)) {
                let parameters: Vec<&str> = other.values.keys().map(String::as_str).collect();
                bail!(
                    "two sweeps turn {} of \"{}\" with the same learners: make them one",
                    parameters.join(" and "),
                    sweep.column
                );
            }
        }
        Ok(())
    }

    /// Figures show columns, learners and sweeps that there are.
    fn check_figures(&self) -> Result<()> {
        for figure in self.figures.iter().filter(|figure| !figure.dataset.is_empty()) {
            self.knows_columns(&figure.columns).with_context(|| format!("figure {}", figure.number))?;
            self.knows_learners(&figure.learner)?;
            let is_shown = |sweep: &SweepSpec, parameters: &[String]| {
                sweep.values.keys().eq(parameters) && figure.columns.contains(&sweep.column)
            };
            if let Some(parameters) = &figure.sweep
                && !self.sweeps.iter().any(|sweep| is_shown(sweep, parameters))
            {
                bail!("figure {}: no sweep of its columns turns {}", figure.number, parameters.join(" and "));
            }
        }
        Ok(())
    }

    /// Every cell has a rule, every rule decides something, and one that asks for no runs says why.
    fn check_runs(&self) -> Result<()> {
        for (number, rule) in self.runs.iter().enumerate() {
            self.knows_protocols(&rule.protocols)?;
            self.knows_columns(&rule.columns)?;
            if let Some(earlier) = self.runs[..number].iter().position(|earlier| earlier.covers(rule)) {
                bail!(
                    "[[runs]] {} decides nothing: the first rule that fits a cell counts, and number {} fits all of \
                     its cells; put it before that one",
                    number + 1,
                    earlier + 1
                );
            }
        }
        let is_silent = |rule: &&RunRule| rule.runs == 0 && rule.because.is_none();
        if let Some(rule) = self.runs.iter().find(is_silent) {
            let columns = rule.columns.join(", ");
            bail!(
                "[[runs]] of \"{columns}\" asks for no runs: say how many, or why there are none (because = \"...\")"
            );
        }
        if !self.columns.is_empty() && self.runs.last().is_none_or(|rule| !rule.is_for_all()) {
            bail!(
                "the last [[runs]] must be for every cell, so that it names nothing but a number of runs, such as \
                 runs = 10"
            );
        }
        Ok(())
    }

    /// A name that nothing has would show nothing, in silence.
    fn check_sensitivity(&self, sensitivity: &SensitivitySpec) -> Result<()> {
        let is_best = |name: &str| self.sweeps.iter().any(|sweep| sweep.best.contains_key(name));
        for way in [&sensitivity.first, &sensitivity.second] {
            self.knows_protocols([&way.protocol])?;
            self.knows_learners(&way.learner)?;
            self.knows_columns(way.column.iter().filter(|column| !is_best(column)))?;
        }
        self.knows_columns(&sensitivity.columns)?;
        self.knows_learners(&sensitivity.learners)?;
        self.check_choices(sensitivity)
    }

    /// A column that chooses a parameter one way only would differ in that too.
    fn check_choices(&self, SensitivitySpec { first, second, columns, .. }: &SensitivitySpec) -> Result<()> {
        if first.column.is_some() || second.column.is_some() {
            return Ok(());
        }
        for (name, choice) in
            columns.iter().filter_map(|name| Some((name, self.columns[name].choice.as_ref()?)))
        {
            if choice.on.get(&first.protocol) != choice.on.get(&second.protocol) {
                bail!(
                    "\"{name}\" chooses its {} in one way under {} and in another under {}",
                    choice.parameter,
                    first.protocol,
                    second.protocol
                );
            }
        }
        Ok(())
    }
}
