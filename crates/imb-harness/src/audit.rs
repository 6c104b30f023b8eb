//! Whether committed records still belong to what the specification and the catalog ask for.

use imb_data::Catalog;

use crate::key::Key;
use crate::paper::Paper;
use crate::record::Record;
use crate::records::Records;

/// Records that belong to nothing that is asked for, each with what changed: a method, its parameters,
/// the protocol, or the variant of the data set.
pub fn stale(paper: &Paper, catalog: &Catalog, records: &Records) -> Vec<String> {
    let mut problems = records.problems.clone();
    problems.extend(records.iter().filter_map(|record| why_stale(paper, catalog, record)));
    problems
}

fn why_stale(paper: &Paper, catalog: &Catalog, record: &Record) -> Option<String> {
    let place = &record.place;
    if place.paper != paper.spec.id {
        return Some(format!("{place}: is of another paper"));
    }
    let entry =
        catalog.entries.iter().find(|entry| entry.paper == place.paper && entry.name == place.dataset);
    let Some(entry) = entry else { return Some(format!("{place}: the catalog has no such data set")) };
    match Key::new(&paper.spec, entry, &place.family(), record.key.device, record.key.budget) {
        Err(error) => Some(format!("{place}: {error:#}")),
        Ok((key, _)) => {
            let differences = key.differences(&record.key);
            let text = || format!("{place}: recorded with another {}", differences.join(" and "));
            (!differences.is_empty()).then(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::papers;

    /// A variant is its content, not its name: another threshold makes other rows.
    #[test]
    fn a_changed_variant_is_noticed_by_name() {
        let mut catalog = Catalog::built_in();
        for paper in papers(&[]).expect("well formed") {
            let records = paper.committed_records().expect("readable");
            assert_eq!(stale(&paper, &catalog, &records), Vec::<String>::new(), "{}", paper.spec.id);
        }
        let paper = papers(&["moods".to_owned()]).expect("well formed").remove(0);
        let records = paper.committed_records().expect("readable");
        let used = records.iter().find(|record| {
            let entry = catalog.entry(&record.place.dataset).expect("known");
            record.place.protocol == "as_released" && entry.variants.contains_key("as_released")
        });
        let dataset = used.expect("a record of a variant").place.dataset.clone();
        let entry = catalog.entries.iter_mut().find(|entry| entry.name == dataset).expect("known");
        let variant = entry.variants.get_mut("as_released").expect("there");
        variant.drop_first_row = !variant.drop_first_row;
        let problems = stale(&paper, &catalog, &records);
        assert!(
            problems
                .iter()
                .any(|problem| problem.contains(&dataset) && problem.contains("variant of the data set")),
            "{problems:?}"
        );
    }
}
