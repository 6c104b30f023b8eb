//! Which classes the rows around a row have.

use imb_core::{Dataset, Labels, Result};
use imb_neighbors::{Algorithm, Index};
use ndarray::{Array2, ArrayView1, Axis};

use crate::grow::{Class, Wanted, nearest_others};

/// The rows of a class by what surrounds them, as Borderline-SMOTE has it: of the m nearest rows of the
/// whole training set, m' are of other classes. Row numbers, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// `m' < m / 2`.
    pub safe: Vec<usize>,
    /// `m / 2 ≤ m' < m`.
    pub danger: Vec<usize>,
    /// `m' = m`.
    pub noise: Vec<usize>,
}

/// The whole training set, ready to be searched.
pub(crate) struct Surroundings<'a> {
    data: &'a Dataset<Labels>,
    index: Index<'a>,
    /// How many rows surround a row.
    m: usize,
    /// Why they are fewer than asked for, if they are.
    pub(crate) remark: Option<String>,
}

/// For so many times fewer queries than rows a tree takes longer to build than it saves.
const FEW: usize = 100;

impl<'a> Surroundings<'a> {
    /// Ready for about so many queries.
    pub(crate) fn new(data: &'a Dataset<Labels>, wanted: Wanted, n_queries: usize) -> Result<Self> {
        let (m, remark) = wanted.among("the training set", data.n_rows())?;
        let few = n_queries.saturating_mul(FEW) < data.n_rows();
        let algorithm = if few { Algorithm::Blocked } else { Algorithm::Auto };
        Ok(Self { data, index: Index::new(data.x(), algorithm)?, m, remark })
    }

    /// Row numbers of the nearest others of members of a class, given by place, nearest first,
    /// `(places, m)`.
    pub(crate) fn nearest(&self, class: &Class<'_>, places: &[usize]) -> Result<Array2<usize>> {
        let own: Vec<usize> = places.iter().map(|&place| class.members[place]).collect();
        match places.len() == class.members.len() {
            true => nearest_others(&self.index, class.points.view(), &own, self.m),
            false => nearest_others(&self.index, class.points.select(Axis(0), places).view(), &own, self.m),
        }
    }

    /// How many of these rows are of other classes.
    pub(crate) fn others(&self, class: &Class<'_>, rows: ArrayView1<'_, usize>) -> usize {
        rows.iter().filter(|row| self.data.y().codes()[**row] != class.code).count()
    }

    /// Of all members of a class the nearest are given; of some of them, given by place, the first of
    /// another class is returned: each must have one.
    pub(crate) fn first_other(
        &self,
        class: &Class<'_>,
        places: &[usize],
        nearest: &Array2<usize>,
    ) -> Vec<usize> {
        let codes = self.data.y().codes();
        let first = |rows: ArrayView1<'_, usize>| rows.iter().copied().find(|row| codes[*row] != class.code);
        places.iter().map(|&place| first(nearest.row(place)).expect("a row of another class")).collect()
    }

    /// Places of members of a class, by what surrounds them.
    pub(crate) fn regions(&self, class: &Class<'_>, places: &[usize], nearest: &Array2<usize>) -> Regions {
        let mut regions = Regions::default();
        for (&place, rows) in places.iter().zip(nearest.rows()) {
            regions.room_for(self.others(class, rows), self.m).push(place);
        }
        regions
    }
}

impl Regions {
    /// The region of a row of whose `m` nearest so many are of other classes.
    fn room_for(&mut self, others: usize, m: usize) -> &mut Vec<usize> {
        if others == m {
            &mut self.noise
        } else if 2 * others >= m {
            &mut self.danger
        } else {
            &mut self.safe
        }
    }

    /// Places in a class as row numbers.
    pub(crate) fn as_rows(&self, class: &Class<'_>) -> Self {
        let rows = |places: &[usize]| places.iter().map(|&place| class.members[place]).collect();
        Self { safe: rows(&self.safe), danger: rows(&self.danger), noise: rows(&self.noise) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The region of each number of others, from 0 to m, as one letter.
    fn truth_table(m: usize) -> String {
        let letter = |others| {
            let mut regions = Regions::default();
            regions.room_for(others, m).push(0);
            match regions {
                Regions { safe, .. } if !safe.is_empty() => 's',
                Regions { danger, .. } if !danger.is_empty() => 'd',
                _ => 'n',
            }
        };
        (0..=m).map(letter).collect()
    }

    /// S17: Han, Wang and Mao 2005, section 3, step 2.
    #[test]
    fn regions_are_those_of_the_paper() {
        assert_eq!(truth_table(5), "sssddn", "2.5 others are half of five");
        assert_eq!(truth_table(10), "sssssdddddn");
        assert_eq!(truth_table(1), "sn");
        assert_eq!(truth_table(2), "sdn");
    }
}
