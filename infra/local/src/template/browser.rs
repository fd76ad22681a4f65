//! What browsers are told: which other pages may call the API, and what our own pages may do.

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::{Resource, Resources};

/// The gateway's answer to a browser that asks before it calls (`OPTIONS`), on every path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    pub origin: String,
    pub methods: String,
    pub headers: String,
    /// Seconds that the browser may remember it.
    pub max_age: String,
}

pub(super) fn cors(api: &Resource) -> Result<Option<Cors>> {
    let given = &api.properties["Cors"];
    if given.is_null() {
        return Ok(None);
    }
    // SAM copies the text into a mapping, where a literal has quotes.
    let literal = |name: &str| {
        let text = given[name].as_str().and_then(|text| text.strip_prefix('\'')?.strip_suffix('\''));
        text.map(str::to_owned).ok_or_else(|| anyhow!("{}: Cors.{name} is no text in single quotes", api.id))
    };
    Ok(Some(Cors {
        origin: literal("AllowOrigin")?,
        methods: literal("AllowMethods")?,
        headers: literal("AllowHeaders")?,
        max_age: literal("MaxAge")?,
    }))
}

/// The headers of CloudFront's policy for the client's pages.
pub(super) fn page_headers(resources: &Resources) -> Result<Vec<(String, String)>> {
    let policies = resources.read("AWS::CloudFront::ResponseHeadersPolicy", of_policy)?;
    Ok(policies.into_iter().flatten().collect())
}

fn of_policy(policy: &Resource) -> Result<Vec<(String, String)>> {
    let config = &policy.properties["ResponseHeadersPolicyConfig"];
    let mut headers = Vec::new();
    for (kind, body) in config["SecurityHeadersConfig"].as_object().into_iter().flatten() {
        let text = |name: &str| {
            let value = body[name].as_str().map(str::to_owned);
            value.ok_or_else(|| anyhow!("{kind} has no {name}"))
        };
        headers.push(match kind.as_str() {
            "ContentSecurityPolicy" => ("content-security-policy", text("ContentSecurityPolicy")?),
            "ContentTypeOptions" => ("x-content-type-options", "nosniff".to_owned()),
            "FrameOptions" => ("x-frame-options", text("FrameOption")?),
            "ReferrerPolicy" => ("referrer-policy", text("ReferrerPolicy")?),
            // Browsers ignore it without TLS.
            "StrictTransportSecurity" => continue,
            _ => return Err(anyhow!("{kind} is not known here")),
        });
    }
    let mut headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for item in config["CustomHeadersConfig"]["Items"].as_array().into_iter().flatten() {
        let text = |field: &Value| field.as_str().map(str::to_owned).ok_or_else(|| anyhow!("a header is not a text"));
        headers.push((text(&item["Header"])?.to_lowercase(), text(&item["Value"])?));
    }
    Ok(headers)
}
