//! `cargo local openapi`: one document from what each function says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::build;
use crate::project::{Profile, Project};
use crate::template::Template;
use crate::ui;

/// Where the document is kept: the client's types are made from it.
const DOCUMENT: &str = "shared/wire/openapi.json";

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Write nothing; fail if the file is stale.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    build::binaries(project, Profile::Dev)?;
    if arguments.check { check(project) } else { write(project) }
}

/// Fails if the kept document is not what the built functions say.
pub(super) fn check(project: &Project) -> Result<()> {
    let kept = fs::read_to_string(project.path(DOCUMENT)).unwrap_or_default();
    ensure!(kept == document(project)?, "{DOCUMENT} is stale; run `cargo local openapi`");
    Ok(())
}

fn write(project: &Project) -> Result<()> {
    fs::write(project.path(DOCUMENT), document(project)?).with_context(|| format!("cannot write {DOCUMENT}"))?;
    ui::say(format_args!("wrote {DOCUMENT}"));
    Ok(())
}

fn document(project: &Project) -> Result<String> {
    let template = build::template(project)?;
    let functions: BTreeSet<&str> = template.rest.routes.iter().map(|route| route.function.as_str()).collect();
    let mut merged = Map::new();
    for function in functions {
        let binary = &template.functions[function].binary;
        let part =
            ask(&project.binaries(Profile::Dev).join(binary)).with_context(|| format!("document of {binary}"))?;
        check_routes(&part, function, &template)?;
        merge(&mut merged, part).with_context(|| format!("document of {binary}"))?;
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&merged)?))
}

fn ask(binary: &Path) -> Result<Map<String, Value>> {
    let output = Command::new(binary).arg("openapi").output()?;
    ensure!(output.status.success(), "it ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("it printed no JSON")
}

/// What a function documents must lead to it: an operation without a route exists on paper only.
fn check_routes(part: &Map<String, Value>, function: &str, template: &Template) -> Result<()> {
    for (path, operations) in part.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for method in operations.as_object().into_iter().flat_map(Map::keys) {
            let method = method.to_uppercase();
            let leads = template.rest.routes.iter().any(|route| {
                route.path == *path && route.function == function && (route.method == method || route.method == "ANY")
            });
            ensure!(leads, "{method} {path} is documented, but template.yaml has no route for it to {function}");
        }
    }
    Ok(())
}

/// Objects are joined, lists become sets; two different values in one place are a mistake.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) -> Result<()> {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (None, value) => drop(into.insert(name, value)),
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from).with_context(|| name)?,
            (Some(Value::Array(into)), Value::Array(from)) => {
                let new: Vec<Value> = from.into_iter().filter(|each| !into.contains(each)).collect();
                into.extend(new);
            }
            (Some(into), value) if *into == value => {}
            (Some(_), _) => bail!("{name} differs between two functions"),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(parts: [Value; 2]) -> Result<Value> {
        let mut merged = Map::new();
        for part in parts {
            let Value::Object(part) = part else { panic!("a part is an object") };
            merge(&mut merged, part)?;
        }
        Ok(Value::Object(merged))
    }

    #[test]
    fn documents_are_joined_path_by_path() {
        let a = json!({ "openapi": "3.1.0", "paths": { "/a": { "get": {} } }, "tags": [{ "name": "x" }] });
        let b = json!({ "openapi": "3.1.0", "paths": { "/a": { "post": {} }, "/b": {} }, "tags": [{ "name": "x" }] });
        let expected = json!({
            "openapi": "3.1.0", "paths": { "/a": { "get": {}, "post": {} }, "/b": {} }, "tags": [{ "name": "x" }],
        });
        assert_eq!(merged([a, b]).unwrap(), expected);
    }

    #[test]
    fn one_name_for_two_shapes_is_refused() {
        let schema = |kind: &str| json!({ "components": { "schemas": { "Session": { "type": kind } } } });
        assert!(merged([schema("object"), schema("string")]).is_err());
    }
}
