//! One-off changes of a specification: `smote.k_neighbors=3`.

use anyhow::{Context, Result, bail};
use imb_methods::{method, parse_parameter};

use super::stages::can_be_built;
use crate::spec::{Spec, StageSpec};

/// Changes a parameter of a column or of a learner, under every protocol. Of several stages of a column, the
/// first whose method has the parameter is changed.
///
/// # Errors
/// If there is no such column, or none of its methods has such a parameter, with what there is; if the method does not
/// take the value.
pub fn set_parameter(spec: &mut Spec, text: &str) -> Result<()> {
    let (path, value) = parse_parameter(text)?;
    let Some((column, parameter)) = path.split_once('.') else {
        bail!("--set {text}: name the column as well, such as smote.k_neighbors=3");
    };
    let is_of_learner = !spec.columns.contains_key(column);
    let mut lists = stages_of(spec, column)?;
    let mut changed = false;
    for stages in &mut lists {
        let stage = stages.iter_mut().find(|stage| has_parameter(stage, parameter));
        if let Some(stage) = stage {
            stage.parameters.insert(parameter.to_owned(), value.clone());
            let is_learner = is_of_learner || stage.around_learner || stage.own_learner;
            can_be_built(stage, is_learner).with_context(|| format!("--set {text}"))?;
            changed = true;
        }
    }
    if changed {
        forget_others(spec, column, parameter);
        return Ok(());
    }
    let known: Vec<String> = lists.into_iter().flatten().flat_map(|stage| parameters_of(stage)).collect();
    if known.is_empty() {
        bail!("--set {text}: column \"{column}\" has no stages, and so no parameters");
    }
    bail!("--set {text}: \"{column}\" has no parameter \"{parameter}\"; known: {}", known.join(", "))
}

/// The stages of a column or learner, a list a protocol.
fn stages_of<'a>(spec: &'a mut Spec, name: &str) -> Result<Vec<Vec<&'a mut StageSpec>>> {
    let known: Vec<String> = spec.columns.keys().chain(spec.learners.keys()).cloned().collect();
    if let Some(column) = spec.columns.get_mut(name) {
        let others = column.under.values_mut().chain(column.on.values_mut());
        let lists = [&mut column.stages].into_iter().chain(others);
        return Ok(lists.map(|stages| stages.iter_mut().collect()).collect());
    }
    if let Some(learner) = spec.learners.get_mut(name) {
        let stages = [&mut learner.stage].into_iter().chain(learner.under.values_mut());
        return Ok(stages.map(|stage| vec![stage]).collect());
    }
    bail!("--set: unknown column or learner \"{name}\"; known: {}", known.join(", "))
}

/// Drops what would replace a parameter that is set: the values of data sets, and a choice.
fn forget_others(spec: &mut Spec, column: &str, parameter: &str) {
    let Some(column) = spec.columns.get_mut(column) else { return };
    column.for_dataset.values_mut().for_each(|table| drop(table.remove(parameter)));
    if column.choice.as_ref().is_some_and(|choice| choice.parameter == parameter) {
        column.choice = None;
    }
}

fn has_parameter(stage: &StageSpec, name: &str) -> bool {
    method(&stage.method).is_ok_and(|method| method.parameters.iter().any(|parameter| parameter.name == name))
}

fn parameters_of(stage: &StageSpec) -> Vec<String> {
    method(&stage.method).map_or_else(
        |_| Vec::new(),
        |method| method.parameters.iter().map(|parameter| parameter.name.to_owned()).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    #[test]
    fn a_parameter_is_changed_under_every_protocol() {
        let mut spec = papers(&["moods".to_owned()]).expect("well formed").remove(0).spec;
        set_parameter(&mut spec, "svm_smote.k_neighbors=3").expect("a parameter");
        let column = &spec.columns["svm_smote"];
        for stages in [&column.stages, &column.under["as_released"]] {
            assert_eq!(stages[0].parameters["k_neighbors"], 3.into());
        }
        set_parameter(&mut spec, "gbo.epochs=7").expect("a parameter");
        let of_sets = &spec.columns["gbo"].for_dataset;
        assert!(of_sets.values().all(|table| !table.contains_key("epochs")), "a data set's own is dropped");
        let refused =
            |spec: &mut Spec, text: &str| set_parameter(spec, text).expect_err("refused").to_string();
        assert!(refused(&mut spec, "k_neighbors=3").contains("smote.k_neighbors=3"));
        assert!(refused(&mut spec, "smotte.k_neighbors=3").contains("svm_smote"));
        assert!(refused(&mut spec, "smote.neighbours=3").contains("k_neighbors"));
        assert!(refused(&mut spec, "none.k_neighbors=3").contains("no stages"));
    }
}
