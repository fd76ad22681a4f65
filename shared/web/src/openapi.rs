//! The OpenAPI document of a function's routes.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};

use crate::cookie;

/// Name of the security scheme that operations refer to, with the scope that they need.
pub const BEARER: &str = "bearer";
/// Name of the one that stands beside it everywhere: a browser that is signed in.
const COOKIE: &str = "cookie";

/// Adds what all functions' documents share.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        document.info.title = "Agent Ops".to_owned();
        document.info.version = env!("CARGO_PKG_VERSION").to_owned();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme(BEARER, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(cookie::LOGIN));
        components.add_security_scheme(COOKIE, SecurityScheme::ApiKey(cookie));
    }
}

/// Says of every operation that takes a token that the cookie does as well, and
/// how a caller is refused who may not.
pub(crate) fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let Some(security) = operation.security.as_mut().filter(|security| !security.is_empty()) else { continue };
        security.push(SecurityRequirement::new(COOKIE, std::iter::empty::<String>()));
        let error = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
        let refused = ResponseBuilder::new().content("application/json", error).build();
        operation.responses.responses.entry("403".to_owned()).or_insert_with(|| refused.into());
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
    all.into_iter().flatten()
}
