//! The rules for what a user may say of a session.

use domain::limits;
use domain::session::Permissions;
use serde_json::{Map, Value};
use web::ApiError;

pub(crate) fn title(title: &str) -> Result<(), ApiError> {
    if title.chars().count() > limits::TITLE_CHARS_MAX {
        return Err(invalid(format!("title has at most {} characters", limits::TITLE_CHARS_MAX)));
    }
    Ok(())
}

pub(crate) fn metadata(metadata: &Map<String, Value>) -> Result<(), ApiError> {
    if serde_json::to_vec(metadata).map_err(ApiError::internal)?.len() > limits::METADATA_BYTES_MAX {
        return Err(invalid(format!("metadata is at most {} bytes of JSON", limits::METADATA_BYTES_MAX)));
    }
    Ok(())
}

/// Tools are named as OpenCode names them, or `*`.
pub(crate) fn permissions(permissions: &Permissions) -> Result<(), ApiError> {
    let well_formed = |name: &String| {
        name == "*"
            || (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-*".contains(&b))
    };
    if permissions.len() > limits::PERMISSIONS_MAX || !permissions.keys().all(well_formed) {
        let message = "permissions name tools such as bash, edit or webfetch, or * for all others";
        return Err(invalid(format!("{message}; {} at most", limits::PERMISSIONS_MAX)));
    }
    Ok(())
}

/// `provider/model`; whether the provider knows the model shows when it is asked.
pub(crate) fn model(model: &str) -> Result<(), ApiError> {
    let well_formed = model.len() <= limits::MODEL_BYTES_MAX
        && model.chars().all(|c| c.is_ascii_graphic())
        && model.split_once('/').is_some_and(|(provider, name)| {
            matches!(provider, "anthropic" | "openai" | "google" | "compatible") && !name.is_empty()
        });
    if well_formed {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "invalid_model",
        "model reads provider/model, with provider one of anthropic, openai, google, compatible",
    ))
}

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("invalid_body", message)
}
