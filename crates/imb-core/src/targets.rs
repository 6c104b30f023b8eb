//! The two kinds of target: one class per row, or any number of labels per row.

use ndarray::{Array2, ArrayView2, Axis};

use crate::{Error, Result};

/// What is predicted for a row. Splitting, preparation and running are generic over it.
pub trait Target: Clone + Send + Sync + std::fmt::Debug + PartialEq + 'static {
    /// Number of rows.
    fn n_rows(&self) -> usize;

    /// The targets of these rows, in this order; a row may be selected more than once.
    ///
    /// # Panics
    /// If a row number is not below [`n_rows`](Self::n_rows).
    #[must_use]
    fn select(&self, rows: &[usize]) -> Self;

    /// These targets followed by others of the same kind.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if the two do not have the same classes or labels.
    fn concat(&self, other: &Self) -> Result<Self>;

    /// Refuses targets whose classes or labels are others, or in another order: the same number would then mean
    /// something else. `whose` names their rows in the message, such as `the validation rows`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] with both lists of names.
    fn require_same_names(&self, other: &Self, whose: &str) -> Result<()>;
}

/// One class per row: binary or multi-class targets.
///
/// See also [`LabelMatrix`], for several labels per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    codes: Vec<u32>,
    classes: Vec<String>,
}

impl Labels {
    /// Makes labels from the class number of each row (from 0) and the names of the classes.
    ///
    /// A class may have no row, as in a fold that missed it.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] if a code has no class, or two classes have the same name.
    pub fn new(codes: Vec<u32>, classes: Vec<String>) -> Result<Self> {
        if let Some(code) = codes.iter().find(|&&code| code as usize >= classes.len()) {
            let requirement = format!("below the number of classes, {}", classes.len());
            return Err(Error::invalid_parameter("class code", requirement, code));
        }
        refuse_duplicates("class", &classes)?;
        Ok(Self { codes, classes })
    }

    /// Makes labels from the name of each row's class. Classes are sorted as numbers if all of them are
    /// numbers, otherwise as text.
    ///
    /// ```
    /// use imb_core::Labels;
    ///
    /// let labels = Labels::from_texts(&["10", "9", "10"]);
    /// assert_eq!(labels.classes(), ["9", "10"]);
    /// assert_eq!(labels.codes(), [1, 0, 1]);
    /// ```
    pub fn from_texts<S: AsRef<str>>(texts: &[S]) -> Self {
        let mut classes: Vec<String> = texts.iter().map(|text| text.as_ref().to_owned()).collect();
        sort_as_values(&mut classes);
        classes.dedup();
        let place: std::collections::BTreeMap<&str, u32> =
            (0..).zip(&classes).map(|(code, class)| (class.as_str(), code)).collect();
        let codes = texts.iter().map(|text| place[text.as_ref()]).collect();
        Self { codes, classes }
    }

    /// The class number of each row.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The names of the classes, by class number.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Rows per class, by class number.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for &code in &self.codes {
            counts[code as usize] += 1;
        }
        counts
    }

    /// The row numbers of one class, in order.
    pub fn rows_of(&self, class: u32) -> Vec<usize> {
        let rows = self.codes.iter().enumerate();
        rows.filter(|(_, code)| **code == class).map(|(row, _)| row).collect()
    }

    /// The class with the fewest rows, among those with any; the lower number wins a tie.
    pub fn minority(&self) -> Option<u32> {
        let counts = (0u32..).zip(self.counts());
        counts.filter(|(_, count)| *count > 0).min_by_key(|(_, count)| *count).map(|(class, _)| class)
    }
}

impl Target for Labels {
    fn n_rows(&self) -> usize {
        self.codes.len()
    }

    fn select(&self, rows: &[usize]) -> Self {
        let codes = rows.iter().map(|&row| self.codes[row]).collect();
        Self { codes, classes: self.classes.clone() }
    }

    fn concat(&self, other: &Self) -> Result<Self> {
        self.require_same_names(other, "the rows to add")?;
        let codes = self.codes.iter().chain(&other.codes).copied().collect();
        Ok(Self { codes, classes: self.classes.clone() })
    }

    fn require_same_names(&self, other: &Self, whose: &str) -> Result<()> {
        require_same_names("classes", whose, &self.classes, &other.classes)
    }
}

/// Any number of labels per row: multi-label targets.
///
/// ```
/// use imb_core::LabelMatrix;
/// use ndarray::array;
///
/// let names = vec!["sea".into(), "sunset".into()];
/// let labels = LabelMatrix::new(array![[true, false], [true, true]], names)?;
/// assert_eq!(labels.positives(), [2, 1]);
/// # Ok::<(), imb_core::Error>(())
/// ```
///
/// See also [`Labels`], for one class per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMatrix {
    /// `(n_rows, n_labels)`; the element type keeps every label in {0, 1}, whatever a resampler does.
    on: Array2<bool>,
    names: Vec<String>,
}

impl LabelMatrix {
    /// Makes labels from a matrix `(n_rows, n_labels)` and the names of its columns.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] unless there is one name per column; [`Error::InvalidParameter`] if
    /// two labels have the same name.
    pub fn new(on: Array2<bool>, names: Vec<String>) -> Result<Self> {
        if names.len() != on.ncols() {
            return Err(Error::LengthMismatch {
                what: "names of labels".into(),
                expected: on.ncols(),
                found: names.len(),
            });
        }
        refuse_duplicates("label", &names)?;
        Ok(Self { on, names })
    }

    /// The matrix, `(n_rows, n_labels)`.
    pub fn view(&self) -> ArrayView2<'_, bool> {
        self.on.view()
    }

    /// The names of the labels, by column.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of labels.
    pub fn n_labels(&self) -> usize {
        self.names.len()
    }

    /// How many rows have each label, by column.
    pub fn positives(&self) -> Vec<usize> {
        let count = |label: ndarray::ArrayView1<'_, bool>| label.iter().filter(|on| **on).count();
        self.on.columns().into_iter().map(count).collect()
    }
}

impl Target for LabelMatrix {
    fn n_rows(&self) -> usize {
        self.on.nrows()
    }

    fn select(&self, rows: &[usize]) -> Self {
        Self { on: self.on.select(Axis(0), rows), names: self.names.clone() }
    }

    fn concat(&self, other: &Self) -> Result<Self> {
        self.require_same_names(other, "the rows to add")?;
        let on = ndarray::concatenate(Axis(0), &[self.on.view(), other.on.view()])
            .expect("both have one column per label");
        Ok(Self { on, names: self.names.clone() })
    }

    fn require_same_names(&self, other: &Self, whose: &str) -> Result<()> {
        require_same_names("labels", whose, &self.names, &other.names)
    }
}

/// No target: a table as it was read, before the columns to predict are chosen.
impl Target for () {
    fn n_rows(&self) -> usize {
        0
    }

    fn select(&self, _rows: &[usize]) -> Self {}

    fn concat(&self, _other: &Self) -> Result<Self> {
        Ok(())
    }

    fn require_same_names(&self, _other: &Self, _whose: &str) -> Result<()> {
        Ok(())
    }
}

/// Sorts texts as numbers if every one is a number, else as text.
fn sort_as_values(texts: &mut [String]) {
    if texts.iter().all(|text| text.parse::<f64>().is_ok()) {
        let value = |text: &String| text.parse::<f64>().unwrap_or(f64::NAN);
        texts.sort_by(|a, b| value(a).total_cmp(&value(b)).then_with(|| a.cmp(b)));
    } else {
        texts.sort();
    }
}

fn refuse_duplicates(what: &str, names: &[String]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let value = format!("\"{name}\" twice");
            Err(Error::invalid_parameter(format!("{what} names"), "all different", value))
        }
    }
}

fn require_same_names(what: &str, whose: &str, ours: &[String], theirs: &[String]) -> Result<()> {
    if ours == theirs {
        return Ok(());
    }
    let requirement = format!("the same as those of the present rows, in their order ({})", ours.join(", "));
    Err(Error::invalid_parameter(format!("{what} of {whose}"), requirement, theirs.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn counts_and_minority() {
        let labels = Labels::new(vec![0, 2, 2, 0, 0], ["a", "b", "c"].map(String::from).into());
        let labels = labels.expect("valid");
        assert_eq!(labels.counts(), [3, 0, 2]);
        assert_eq!(labels.minority(), Some(2), "an absent class is no minority");
        assert_eq!(labels.rows_of(0), [0, 3, 4]);
        assert_eq!(labels.select(&[1, 1, 0]).codes(), [2, 2, 0]);
    }

    #[test]
    fn classes_that_are_text_sort_as_text() {
        assert_eq!(Labels::from_texts(&["b", "10", "9"]).classes(), ["10", "9", "b"]);
    }

    #[test]
    fn mismatched_input_is_refused() {
        assert!(Labels::new(vec![1], vec!["a".into()]).is_err());
        assert!(Labels::new(vec![0], vec!["a".into(), "a".into()]).is_err());
        assert!(LabelMatrix::new(array![[true, false]], vec!["a".into()]).is_err());
        let (ours, theirs) = (Labels::from_texts(&["a"]), Labels::from_texts(&["b"]));
        assert!(ours.concat(&theirs).is_err());
    }

    #[test]
    fn label_matrix_counts_selects_and_grows() {
        let names = vec!["sea".to_owned(), "sun".to_owned()];
        let labels = LabelMatrix::new(array![[true, false], [true, true]], names).expect("valid");
        assert_eq!(labels.positives(), [2, 1]);
        let grown = labels.concat(&labels.select(&[1])).expect("same labels");
        assert_eq!(grown.view(), array![[true, false], [true, true], [true, true]]);
    }
}
