//! Which classes surround a row: the danger, safe and noise regions of Borderline-SMOTE and SVM-SMOTE.

use imb_core::{Dataset, Labels, Result};
use imb_neighbors::{Algorithm, Index};
use ndarray::{Array2, ArrayView1, Axis};

use crate::grow::{Class, NeighborCount, nearest_others};

/// The rows of a class by how many of their m nearest neighbours in the whole training set, m', belong to
/// other classes. Row numbers, ascending.
///
/// Han, Wang and Mao, "Borderline-SMOTE" (2005), section 3, step 2, doi:10.1007/11538059_91.
///
/// ```
/// use imb_core::{Dataset, Labels};
/// use imb_resample::BorderlineSmote;
/// use ndarray::array;
///
/// let x = array![[0.0], [1.0], [2.0], [2.9], [4.0], [5.0], [6.0], [0.4]];
/// let y = Labels::from_texts(&["often", "often", "often", "rare", "rare", "rare", "rare", "rare"]);
/// let rows = Dataset::unnamed(x, y)?;
/// let regions = BorderlineSmote { m_neighbors: 3, ..BorderlineSmote::default() }.regions(&rows, 1)?;
/// assert_eq!((regions.safe, regions.danger, regions.noise), (vec![4, 5, 6], vec![3], vec![7]));
/// # Ok::<(), imb_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// `m' < m / 2`.
    pub safe: Vec<usize>,
    /// `m / 2 ≤ m' < m`.
    pub danger: Vec<usize>,
    /// `m' = m`.
    pub noise: Vec<usize>,
}

/// An index of the whole training set, for the m nearest neighbours of a row.
pub(crate) struct Surroundings<'a> {
    data: &'a Dataset<Labels>,
    index: Index<'a>,
    m: usize,
    /// Says so if m is smaller than the parameter.
    pub(crate) remark: Option<String>,
}

/// With fewer than one query for so many rows, building a tree takes longer than it saves.
const ROWS_PER_QUERY: usize = 100;

impl<'a> Surroundings<'a> {
    /// Indexes the rows for about `n_queries` queries.
    pub(crate) fn new(data: &'a Dataset<Labels>, count: NeighborCount, n_queries: usize) -> Result<Self> {
        let (m, remark) = count.among("the training set", data.n_rows())?;
        let few = n_queries.saturating_mul(ROWS_PER_QUERY) < data.n_rows();
        let algorithm = if few { Algorithm::Blocked } else { Algorithm::Auto };
        Ok(Self { data, index: Index::new(data.x(), algorithm)?, m, remark })
    }

    /// For the members of a class at these places, the row numbers of their nearest other rows, nearest
    /// first, `(n_places, m)`.
    pub(crate) fn nearest(&self, class: &Class<'_>, places: &[usize]) -> Result<Array2<usize>> {
        let own: Vec<usize> = places.iter().map(|&place| class.members[place]).collect();
        if places.len() == class.members.len() {
            return nearest_others(&self.index, class.points.view(), &own, self.m);
        }
        nearest_others(&self.index, class.points.select(Axis(0), places).view(), &own, self.m)
    }

    /// How many of these rows belong to other classes.
    pub(crate) fn others(&self, class: &Class<'_>, rows: ArrayView1<'_, usize>) -> usize {
        rows.iter().filter(|row| self.is_other(class, **row)).count()
    }

    fn is_other(&self, class: &Class<'_>, row: usize) -> bool {
        self.data.y().codes()[row] != class.code
    }

    /// For the member at each of these places, its nearest row of another class; panics if it has none
    /// among its `nearest` rows, `(n_members, m)`.
    pub(crate) fn nearest_other(
        &self,
        class: &Class<'_>,
        places: &[usize],
        nearest: &Array2<usize>,
    ) -> Vec<usize> {
        let mut others = Vec::with_capacity(places.len());
        for &place in places {
            let other = nearest.row(place).iter().copied().find(|&row| self.is_other(class, row));
            others.push(other.expect("a row of another class"));
        }
        others
    }

    /// Sorts the members at these places into regions, by their `nearest` rows, `(n_places, m)`.
    pub(crate) fn regions(&self, class: &Class<'_>, places: &[usize], nearest: &Array2<usize>) -> Regions {
        let mut regions = Regions::default();
        for (&place, rows) in places.iter().zip(nearest.rows()) {
            regions.region_mut(self.others(class, rows), self.m).push(place);
        }
        regions
    }
}

impl Regions {
    /// The region of a row with `others` rows of other classes among its `m` nearest.
    fn region_mut(&mut self, others: usize, m: usize) -> &mut Vec<usize> {
        if others == m {
            &mut self.noise
        } else if 2 * others >= m {
            &mut self.danger
        } else {
            &mut self.safe
        }
    }

    /// The regions with row numbers instead of places.
    pub(crate) fn as_rows(&self, class: &Class<'_>) -> Self {
        let rows = |places: &[usize]| places.iter().map(|&place| class.members[place]).collect();
        Self { safe: rows(&self.safe), danger: rows(&self.danger), noise: rows(&self.noise) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The region for each number of others, from 0 to m, as its first letter.
    fn truth_table(m: usize) -> String {
        let letter = |others| {
            let mut regions = Regions::default();
            regions.region_mut(others, m).push(0);
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
