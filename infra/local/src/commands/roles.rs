//! Least privilege: after the tests, every right that a role of the template
//! gives was used, and nothing was tried that none gives.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::test::Outcome;
use crate::aws::access::{Used, read_record};
use crate::project::{Profile, Project};
use crate::template::{Deployment, Role, Template};

/// Rights of paths that not every run of the tests goes: role, action, why it is there.
const SELDOM: [(&str, &str, &str); 10] = [
    ("SessionsFunction", "s3:DeleteObject", "an export in place of an older one"),
    ("AccountEventsFunction", "dynamodb:UpdateItem", "an account is deleted while one of its sandboxes works"),
    ("AgentHttpFunction", "ecs:StopTask", "a start fails after another's has succeeded"),
    ("AgentSocketFunction", "ecs:StopTask", "a start fails after another's has succeeded"),
    ("AgentEventsFunction", "s3:GetObject", "ends a turn with a large message"),
    ("AgentEventsFunction", "s3:PutObject", "ends a turn with a large message"),
    ("AgentEventsFunction", "s3:DeleteObject", "a terminated session had kept outputs"),
    ("AgentEventsFunction", "secretsmanager:GetSecretValue", "starts a lost runner anew"),
    ("AgentEventsFunction", "ecs:RunTask", "starts a lost runner anew"),
    ("AgentEventsFunction", "iam:PassRole", "starts a lost runner anew"),
];

/// Where the stacks of a test run record it; an earlier run's record is removed.
pub(super) fn fresh_record(project: &Project) -> Result<PathBuf> {
    let path = record(project);
    if path.exists() {
        fs::remove_file(&path)?;
    }
    Ok(path)
}

pub(super) fn check(project: &Project) -> Result<Outcome> {
    let path = record(project);
    if !path.exists() {
        return Ok(Outcome::Skipped("no test has started a stack; run the step `rust` first"));
    }
    let deployment = Deployment::at("127.0.0.1:1".parse()?);
    let template = Template::load(&project.path("template.yaml"), &deployment)?;
    let wrong = differences(&template, &read_record(&path)?);
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(Outcome::Passed)
}

fn record(project: &Project) -> PathBuf {
    project.binaries(Profile::Dev).with_file_name("access.jsonl")
}

/// A line for each right that no test used, and for each call that was refused.
fn differences(template: &Template, used: &BTreeSet<Used>) -> Vec<String> {
    let refused = used.iter().filter(|used| used.denied);
    let refused = refused.map(|Used { role, action, resource, .. }| format!("{role} lacks {action} on {resource}"));
    let functions = template.roles.iter().filter(|(id, _)| template.functions.contains_key(*id));
    let grants = functions.flat_map(|(id, role)| role.grants.iter().map(move |grant| (id, role, grant)));
    let unused = grants.filter(|(id, role, grant)| {
        let (action, resource) = (grant.action.clone(), grant.resource.clone());
        let excused =
            tells_what_is_missing(role, &action) || SELDOM.iter().any(|(of, what, _)| of == id && *what == action);
        !excused && !used.contains(&Used { role: (*id).clone(), action, resource, denied: false })
    });
    let unused = unused.map(|(role, _, grant)| format!("{role} needs no {} on {}", grant.action, grant.resource));
    refused.chain(unused).collect()
}

/// S3 answers 404 for an object that is missing only to who may list its bucket, 403 to others
/// (API reference of GetObject): whether that right is used depends on what is missing.
fn tells_what_is_missing(role: &Role, action: &str) -> bool {
    action == "s3:ListBucket" && role.grants.iter().any(|grant| grant.action == "s3:GetObject")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = include_str!("../../../../template.yaml");

    fn template(text: &str) -> Template {
        Template::parse(text, &Deployment::at("127.0.0.1:1".parse().unwrap())).unwrap()
    }

    /// A record of a run that used every right of the template.
    fn all_used(template: &Template) -> BTreeSet<Used> {
        let grants = template.roles.iter().flat_map(|(role, rights)| rights.grants.iter().map(move |g| (role, g)));
        let used = grants.map(|(role, grant)| Used {
            role: role.clone(),
            action: grant.action.clone(),
            resource: grant.resource.clone(),
            denied: false,
        });
        used.collect()
    }

    #[test]
    fn a_right_too_many_and_a_right_too_few_are_both_named() {
        let template_now = template(PROJECT);
        let mut used = all_used(&template_now);
        assert_eq!(differences(&template_now, &used), Vec::<String>::new());

        for (right, with_one_more, expected) in [
            (
                "secretsmanager:GetSecretValue",
                "[secretsmanager:GetSecretValue, secretsmanager:PutSecretValue]",
                "SessionsFunction needs no secretsmanager:PutSecretValue",
            ),
            // It reads nothing, so that nothing that is missing is told it.
            (
                "[s3:DeleteObject, s3:AbortMultipartUpload]",
                "[s3:DeleteObject, s3:AbortMultipartUpload, s3:ListBucket]",
                "FilesSweepFunction needs no s3:ListBucket",
            ),
        ] {
            let told = differences(&template(&PROJECT.replacen(right, with_one_more, 1)), &used);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with(expected), "{told:?}");
        }

        let (role, action, resource) = ("FilesFunction".to_owned(), "s3:PutObject".to_owned(), "arn:x".to_owned());
        used.insert(Used { role, action, resource, denied: true });
        assert_eq!(differences(&template_now, &used), ["FilesFunction lacks s3:PutObject on arn:x"]);
    }
}
