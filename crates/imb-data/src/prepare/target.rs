//! What steps ask of targets. Most ask nothing; a filter may need two classes, or labels.

use imb_core::{Error, LabelMatrix, Labels, Result, Target};
use ndarray::Axis;

/// A kind of target that tables can be prepared with.
pub trait PrepareTarget: Target {
    /// The class code of each row, `(n_rows)`, if there are two classes.
    ///
    /// # Errors
    /// [`Error::NotApplicable`], naming the step that asked, for more classes and for labels.
    fn two_class_codes(&self, step: &str) -> Result<&[u32]>;

    /// How many of these rows have each label, `(n_labels)`.
    ///
    /// # Errors
    /// [`Error::NotApplicable`], naming the step that asked, for classes.
    fn positives_in(&self, rows: &[usize], step: &str) -> Result<Vec<usize>>;

    /// The names of the labels.
    ///
    /// # Errors
    /// [`Error::NotApplicable`], naming the step that asked, for classes.
    fn label_names(&self, step: &str) -> Result<&[String]>;

    /// The same rows with these labels only, in this order.
    ///
    /// # Errors
    /// [`Error::NotApplicable`], naming the step that asked, for classes;
    /// [`Error::InvalidParameter`] for a label that is not there.
    fn with_labels(&self, labels: &[usize], step: &str) -> Result<Self>;
}

impl PrepareTarget for Labels {
    fn two_class_codes(&self, step: &str) -> Result<&[u32]> {
        match self.classes() {
            [_, _] => Ok(self.codes()),
            classes => not_applicable(step, format!("it needs two classes, and there are {}", classes.len())),
        }
    }

    fn positives_in(&self, _rows: &[usize], step: &str) -> Result<Vec<usize>> {
        not_applicable(step, "it is for multi-label data".into())
    }

    fn label_names(&self, step: &str) -> Result<&[String]> {
        not_applicable(step, "it is for multi-label data".into())
    }

    fn with_labels(&self, _labels: &[usize], step: &str) -> Result<Self> {
        not_applicable(step, "it is for multi-label data".into())
    }
}

impl PrepareTarget for LabelMatrix {
    fn two_class_codes(&self, step: &str) -> Result<&[u32]> {
        not_applicable(step, "it is for data with one class a row".into())
    }

    fn positives_in(&self, rows: &[usize], _step: &str) -> Result<Vec<usize>> {
        let mut counts = vec![0; self.n_labels()];
        for &row in rows {
            for (count, &on) in counts.iter_mut().zip(self.view().row(row)) {
                *count += usize::from(on);
            }
        }
        Ok(counts)
    }

    fn label_names(&self, _step: &str) -> Result<&[String]> {
        Ok(self.names())
    }

    fn with_labels(&self, labels: &[usize], _step: &str) -> Result<Self> {
        if let Some(label) = labels.iter().find(|&&label| label >= self.n_labels()) {
            return Err(Error::invalid_parameter(
                "label number",
                format!("below the number of labels, {}", self.n_labels()),
                label,
            ));
        }
        let names = labels.iter().map(|&label| self.names()[label].clone()).collect();
        Self::new(self.view().select(Axis(1), labels), names)
    }
}

fn not_applicable<T>(step: &str, reason: String) -> Result<T> {
    Err(Error::NotApplicable { method: step.into(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn each_kind_answers_what_it_can() {
        let two = Labels::from_texts(&["a", "b", "a"]);
        assert_eq!(two.two_class_codes("filter").expect("two classes"), [0, 1, 0]);
        assert!(Labels::from_texts(&["a", "b", "c"]).two_class_codes("filter").is_err());
        assert!(two.positives_in(&[0], "filter").is_err());

        let names = ["p", "q"].map(String::from).into();
        let labels = LabelMatrix::new(array![[true, false], [true, true]], names).expect("valid");
        assert!(labels.two_class_codes("filter").is_err());
        assert_eq!(labels.positives_in(&[1, 1], "filter").expect("labels"), [2, 2]);
        let second = labels.with_labels(&[1], "filter").expect("there are two");
        assert_eq!((second.view(), second.names()), (array![[false], [true]].view(), &["q".to_owned()][..]));
        assert!(labels.with_labels(&[2], "filter").is_err());
    }
}
