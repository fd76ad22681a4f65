//! The HTTP surface: what the template routes is what the document says.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::Stack;

/// Routes that are not for users.
const RUNNERS_OWN: [(&str, &str); 3] = [
    ("post", "/agent/sessions/{id}/append"),
    ("post", "/agent/sessions/{id}/outputs"),
    ("post", "/agent/sessions/{id}/git"),
];
/// Routes that need no token.
const OPEN: [&str; 8] = [
    "/health",
    "/api/openapi.json",
    "/api/integrations/{id}/callback",
    "/webhooks/{service}",
    "/auth/providers",
    "/auth/{provider}",
    "/auth/{provider}/callback",
    // Whoever is signed in, it signs out.
    "/auth/signout",
];

/// `(method, path)` of every route of `template.yaml`, which has one per line.
fn template_routes() -> Result<BTreeSet<(String, String)>> {
    let template = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"))?;
    let field = |line: &str, name: &str| {
        let value = line.split_once(&format!("{name}: "))?.1;
        Some(value.split([',', ' ']).next()?.trim_matches('"').to_owned())
    };
    let routes = template.lines().filter(|line| line.contains("Type: Api,")).map(|line| {
        let route = field(line, "Method").zip(field(line, "Path"));
        let (method, path) = route.with_context(|| format!("not a route: {line}"))?;
        Ok((method.to_lowercase(), path))
    });
    routes.collect()
}

#[tokio::test]
async fn the_openapi_document_lists_every_route_of_the_template_with_its_security() -> Result<()> {
    let document = Stack::shared().await.stranger().get("/api/openapi.json").await?.expect(200)?;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let mut listed = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().context("a document has paths")? {
        for (method, operation) in methods.as_object().context("a path has methods")? {
            let secured = operation["security"].as_array().is_some_and(|security| !security.is_empty());
            assert_eq!(secured, !OPEN.contains(&path.as_str()), "{method} {path}");
            listed.insert((method.clone(), path.clone()));
        }
    }
    let mut routed = template_routes()?;
    for (method, path) in RUNNERS_OWN {
        assert!(routed.remove(&(method.to_owned(), path.to_owned())), "{method} {path}");
    }
    assert_eq!(listed, routed);
    assert!(document["components"]["securitySchemes"]["bearer"].is_object());
    Ok(())
}

#[tokio::test]
async fn health_needs_no_token_and_names_version_and_environment() -> Result<()> {
    let health = Stack::shared().await.stranger().get("/health").await?.expect(200)?;
    assert_eq!((&health["status"], &health["environment"]), (&Value::from("ok"), &Value::from("development")));
    assert!(health["version"].as_str().is_some_and(|version| !version.is_empty()));
    Ok(())
}
