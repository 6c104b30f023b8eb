//! From columns to a file: CSV with numbers in their shortest exact form, and files that are never
//! seen half-written.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use imb_core::{Error, Result};
use rayon::prelude::*;

/// A column to write.
#[derive(Clone, Debug, PartialEq)]
pub struct OutColumn {
    /// Its name.
    pub name: String,
    /// Its cells.
    pub values: OutValues,
}

/// The cells of a column, one a row. NaN, and a code that is NaN, is written as nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum OutValues {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Whole numbers, written without a point.
    Integers(Vec<f64>),
    /// Numbers of texts, and the texts.
    Texts(Vec<f64>, Vec<String>),
}

/// Writes columns as CSV, with their names in the first line. All must have `n_rows` cells.
///
/// A number is written in the shortest form that reads back as the same number.
///
/// # Errors
/// [`Error::LengthMismatch`] if a column has another length; [`Error::Write`] if the file cannot be
/// written: it is then as it was.
pub fn write_csv(path: &Path, columns: &[OutColumn], n_rows: usize) -> Result<()> {
    for column in columns {
        let found = column.values.codes().len();
        if found != n_rows {
            let what = format!("cells of column \"{}\"", column.name);
            return Err(Error::LengthMismatch { what, expected: n_rows, found });
        }
    }
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let texts: Vec<Vec<String>> = columns.iter().map(|column| column.values.quoted_texts()).collect();
    replace_file(path, |file| {
        writeln!(file, "{}", names.join(","))?;
        // Rows are made in parallel and written in order, a few blocks at a time.
        const BLOCK: usize = 2048;
        let starts: Vec<usize> = (0..n_rows).step_by(BLOCK).collect();
        for wave in starts.chunks(4 * rayon::current_num_threads()) {
            let blocks: Vec<Vec<u8>> = wave
                .par_iter()
                .map(|&start| rows_as_csv(columns, &texts, start..(start + BLOCK).min(n_rows)))
                .collect();
            blocks.iter().try_for_each(|block| file.write_all(block))?;
        }
        Ok(())
    })
}

/// Writes a file so that it is never seen half-written: under another name in the same folder,
/// which is made if need be, and then renamed.
///
/// # Errors
/// [`Error::Write`] with the path and what the system said; the old file, if any, is then as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_file(path, |file| file.write_all(bytes))
}

fn replace_file(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let written = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut draft = tempfile::Builder::new().permissions_as_usual().tempfile_in(folder)?;
        let mut buffered = BufWriter::new(draft.as_file_mut());
        fill(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        draft.as_file().sync_all()?;
        draft.persist(path)?;
        Ok(())
    };
    written().map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// A temporary file is for its owner only; a file that is kept is for whom the user's mask says.
trait UsualPermissions {
    fn permissions_as_usual(&mut self) -> &mut Self;
}

impl UsualPermissions for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_as_usual(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_as_usual(&mut self) -> &mut Self {
        self
    }
}

impl OutValues {
    fn codes(&self) -> &[f64] {
        match self {
            Self::Numbers(codes) | Self::Integers(codes) | Self::Texts(codes, _) => codes,
        }
    }

    fn quoted_texts(&self) -> Vec<String> {
        match self {
            Self::Texts(_, texts) => texts.iter().map(|text| quoted(text)).collect(),
            Self::Numbers(_) | Self::Integers(_) => Vec::new(),
        }
    }
}

fn rows_as_csv(columns: &[OutColumn], texts: &[Vec<String>], rows: std::ops::Range<usize>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * columns.len() * 12);
    for row in rows {
        for (number, (column, texts)) in columns.iter().zip(texts).enumerate() {
            if number > 0 {
                bytes.push(b',');
            }
            append_cell(&mut bytes, &column.values, texts, row);
        }
        bytes.push(b'\n');
    }
    bytes
}

/// Whole numbers up to here are written as such.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

fn append_cell(bytes: &mut Vec<u8>, values: &OutValues, texts: &[String], row: usize) {
    let code = values.codes()[row];
    match values {
        _ if code.is_nan() => {}
        OutValues::Texts(..) => {
            bytes.extend(texts.get(code as usize).map_or(&b""[..], |text| text.as_bytes()))
        }
        OutValues::Integers(_) if code.fract() == 0.0 && code.abs() < EXACT_BELOW => {
            bytes.extend(itoa::Buffer::new().format(code as i64).as_bytes());
        }
        _ => bytes.extend(zmij::Buffer::new().format(code).as_bytes()),
    }
}

/// A text as a CSV cell.
fn quoted(text: &str) -> String {
    let plain = !text.contains([',', '"', '\n', '\r']) && text.trim() == text && !text.is_empty();
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_exact_and_quoted_where_need_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/out.csv");
        let columns = [
            OutColumn { name: "a,b".into(), values: OutValues::Numbers(vec![0.1, f64::NAN, 1e300]) },
            OutColumn { name: "n".into(), values: OutValues::Integers(vec![-3.0, 2.5, f64::NAN]) },
            OutColumn {
                name: "t".into(),
                values: OutValues::Texts(vec![0.0, 1.0, f64::NAN], vec!["x".into(), "say \"y\"".into()]),
            },
        ];
        write_csv(&path, &columns, 3).expect("written");
        let text = std::fs::read_to_string(&path).expect("there");
        assert_eq!(text, "\"a,b\",n,t\n0.1,-3,x\n,2.5,\"say \"\"y\"\"\"\n1e+300,,\n");
        assert!(write_csv(&path, &columns, 2).is_err());
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.txt");
        write_whole(&path, b"old").expect("written");
        let failed = replace_file(&path, |file| {
            file.write_all(b"new")?;
            Err(io::Error::other("disk full"))
        });
        assert!(failed.expect_err("refused").to_string().contains("disk full"));
        assert_eq!(std::fs::read(&path).expect("there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "no draft is left");
    }
}
