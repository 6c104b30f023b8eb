//! What is said of each label: its positive rows before and after, and why it did not get more.

use imb_core::{Delivery, LabelMatrix};

/// The delivery report while a method works.
pub(crate) struct Report {
    names: Vec<String>,
    before: Vec<usize>,
    asked: Vec<usize>,
    delivered: Vec<usize>,
    remarks: Vec<Vec<String>>,
}

impl Report {
    /// Nothing asked yet. A label without a positive row takes no part in any method.
    pub(crate) fn new(labels: &LabelMatrix) -> Self {
        let before = labels.positives();
        let remark = |count: &usize| match count {
            0 => vec!["it has no positive row and took no part".to_owned()],
            _ => Vec::new(),
        };
        Self {
            names: labels.names().to_vec(),
            asked: vec![0; before.len()],
            delivered: vec![0; before.len()],
            remarks: before.iter().map(remark).collect(),
            before,
        }
    }

    /// Positive rows of each label before.
    pub(crate) fn before(&self) -> &[usize] {
        &self.before
    }

    /// Rows asked for a label, and rows that it got.
    pub(crate) fn count(&mut self, label: usize, asked: usize, delivered: usize) {
        self.asked[label] += asked;
        self.delivered[label] += delivered;
    }

    pub(crate) fn remark(&mut self, label: usize, remark: impl Into<String>) {
        self.remarks[label].push(remark.into());
    }

    /// One entry for each label that rows were asked for, that changed or of which there is something to
    /// say, given the positive rows of each label after.
    pub(crate) fn finish(self, after: &[usize]) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (label, name) in self.names.into_iter().enumerate() {
            let (before, after, remarks) = (self.before[label], after[label], &self.remarks[label]);
            if self.asked[label] == 0 && before == after && remarks.is_empty() {
                continue;
            }
            let counts = format!("positive rows: {before} before, {after} after");
            let remark = std::iter::once(&counts).chain(remarks).cloned().collect::<Vec<_>>().join("; ");
            let (asked, delivered) = (self.asked[label], self.delivered[label]);
            deliveries.push(Delivery { name, asked, delivered, remark: Some(remark) });
        }
        deliveries
    }
}
