//! The one table that comes of it all.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::machine;

/// One line of the table.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Row {
    section: String,
    what: String,
    ours: String,
    /// The other side of the comparison, if there is one.
    other: String,
    ratio: String,
    goal: String,
    met: Option<bool>,
    /// Where the time or the money goes.
    notes: Vec<String>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, ours: f64, unit: &str) -> Self {
        Self { what: what.into(), ours: quantity(ours, unit), ..Self::default() }
    }

    /// Names the other side and what it took.
    pub(crate) fn against(mut self, who: &str, other: f64, unit: &str) -> Self {
        self.other = format!("{who} {}", quantity(other, unit));
        self
    }

    pub(crate) fn ratio(mut self, ratio: f64) -> Self {
        self.ratio = format!("{ratio:.2}x");
        self
    }

    /// A goal, and whether `figure` is not above it.
    pub(crate) fn at_most(mut self, figure: f64, goal: f64, unit: &str) -> Self {
        self.goal = format!("<= {}", quantity(goal, unit));
        self.met = Some(figure <= goal);
        self
    }

    /// A goal, and whether `figure` reaches it.
    pub(crate) fn at_least(mut self, figure: f64, goal: f64, unit: &str) -> Self {
        self.goal = format!(">= {}", quantity(goal, unit));
        self.met = Some(figure >= goal);
        self
    }

    /// A goal that is kept or not, without a figure.
    pub(crate) fn promise(mut self, goal: &str, kept: bool) -> Self {
        self.goal = goal.to_owned();
        self.met = Some(kept);
        self
    }

    /// A line below the table.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    fn met(&self) -> &'static str {
        match self.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        }
    }

    fn cells(&self) -> [&str; 6] {
        [&self.what, &self.ours, &self.other, &self.ratio, &self.goal, self.met()]
    }
}

/// A figure with three digits that count.
fn quantity(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    match unit {
        "$" => format!("${value:.3}"),
        "x" => format!("{value}x"),
        unit => format!("{value:.digits$} {unit}").trim_end().to_owned(),
    }
}

/// The table as it grows.
#[derive(Serialize)]
pub(crate) struct Report {
    machine: Vec<String>,
    rows: Vec<Row>,
    failures: Vec<String>,
    #[serde(skip)]
    section: String,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { machine: vec![machine::describe()], rows: Vec::new(), failures: Vec::new(), section: String::new() }
    }

    /// From here on, rows are of this section.
    pub(crate) fn begin(&mut self, section: &str) {
        section.clone_into(&mut self.section);
        progress(format_args!("== {section}"));
    }

    pub(crate) fn row(&mut self, row: Row) {
        progress(format_args!("   {}", row.cells().join("  ")));
        self.rows.push(Row { section: self.section.clone(), ..row });
    }

    /// The section broke off.
    pub(crate) fn failed(&mut self, error: &anyhow::Error) {
        self.failures.push(format!("{}: {error:#}", self.section));
        progress(format_args!("   failed: {error:#}"));
    }

    pub(crate) fn is_incomplete(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The table, then the notes, then what could not be measured.
    pub(crate) fn print(&mut self) -> Result<()> {
        self.machine.push(machine::describe());
        let mut out = std::io::stdout().lock();
        let titles = ["", "ours", "other side", "ratio", "goal", "met"];
        let widths: Vec<usize> = (0..titles.len())
            .map(|column| self.rows.iter().map(|row| row.cells()[column].chars().count()).max().unwrap_or(0))
            .zip(titles)
            .map(|(widest, title)| widest.max(title.len()))
            .collect();
        let mut line = |cells: [&str; 6]| -> Result<()> {
            let padded: Vec<String> =
                cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            Ok(writeln!(out, "{}", padded.join("  ").trim_end())?)
        };
        line(titles)?;
        let mut section = "";
        for row in &self.rows {
            if row.section != section {
                section = &row.section;
                line([&format!("-- {section}"), "", "", "", "", ""])?;
            }
            line(row.cells())?;
        }
        for row in &self.rows {
            for note in &row.notes {
                writeln!(out, "  {} ({}): {note}", row.what, row.section)?;
            }
        }
        for failure in &self.failures {
            writeln!(out, "  NOT MEASURED {failure}")?;
        }
        writeln!(out, "  machine before: {}", self.machine[0])?;
        Ok(writeln!(out, "  machine after:  {}", self.machine[1])?)
    }

    pub(crate) fn write_json(&self, file: &Path) -> Result<()> {
        Ok(std::fs::write(file, serde_json::to_vec_pretty(self)?)?)
    }
}

/// A word on the way, beside the table.
pub(crate) fn progress(line: std::fmt::Arguments<'_>) {
    // Nobody may be reading it.
    let _ = writeln!(std::io::stderr(), "{line}");
}
