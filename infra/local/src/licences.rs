//! Whether every dependency's licence is one that we accept.
//!
//! Reads the part of cargo-deny's configuration that says so, so that the check
//! runs where cargo-deny is not installed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::build;
use crate::project::Project;

/// cargo-deny's own format.
pub const CONFIG: &str = ".config/deny.toml";

#[derive(Deserialize)]
struct Config {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Fails with every package whose licence is not accepted.
pub fn check(project: &Project) -> Result<()> {
    let config = fs::read_to_string(project.path(CONFIG)).with_context(|| format!("cannot read {CONFIG}"))?;
    let licences = toml::from_str::<Config>(&config).with_context(|| CONFIG)?.licenses;
    let refused: Vec<String> =
        packages(project)?.iter().filter(|package| !licences.accept(package)).map(Package::describe).collect();
    ensure!(refused.is_empty(), "{CONFIG} does not accept the licence of:\n  {}", refused.join("\n  "));
    Ok(())
}

fn packages(project: &Project) -> Result<Vec<Package>> {
    let mut cargo: Command = build::cargo(project);
    let output = cargo.args(["metadata", "--format-version", "1", "--locked"]).output()?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(serde_json::from_slice::<Metadata>(&output.stdout)?.packages)
}

impl Licences {
    fn accept(&self, package: &Package) -> bool {
        let exceptions: BTreeMap<&str, &[String]> =
            self.exceptions.iter().map(|each| (each.package.as_str(), each.allow.as_slice())).collect();
        let more = exceptions.get(package.name.as_str()).copied().unwrap_or_default();
        let licence = package.license.as_deref().unwrap_or_default();
        // Old manifests write `MIT/Apache-2.0`.
        Expression::parse_mode(licence, ParseMode::LAX).is_ok_and(|expression| {
            expression.evaluate(|needed| self.allow.iter().chain(more).any(|allowed| *allowed == needed.to_string()))
        })
    }
}

impl Package {
    fn describe(&self) -> String {
        format!("{} {}: {}", self.name, self.version, self.license.as_deref().unwrap_or("none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(licence: Option<&str>, name: &str) -> bool {
        let exception = Exception { package: "special".into(), allow: vec!["MPL-2.0".into()] };
        let licences = Licences { allow: vec!["MIT".into(), "Apache-2.0".into()], exceptions: vec![exception] };
        licences.accept(&Package { name: name.into(), version: "1.0.0".into(), license: licence.map(str::to_owned) })
    }

    #[test]
    fn a_choice_needs_one_accepted_licence_and_a_sum_needs_all() {
        assert!(accepts(Some("MIT OR GPL-3.0-only"), "a"));
        assert!(accepts(Some("MIT/Apache-2.0"), "a"));
        assert!(!accepts(Some("MIT AND GPL-3.0-only"), "a"));
        assert!(!accepts(None, "a"));
    }

    #[test]
    fn an_exception_is_for_its_crate_alone() {
        assert!(accepts(Some("MPL-2.0"), "special"));
        assert!(!accepts(Some("MPL-2.0"), "a"));
    }
}
