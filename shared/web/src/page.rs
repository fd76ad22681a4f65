//! Paging: `limit` and an opaque `cursor`.

use std::str::FromStr;

use domain::limits;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiError;

/// Query of every list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Entries of a page: 1 to 100, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The page's size.
pub fn limit(asked: Option<u32>) -> Result<u32, ApiError> {
    match asked.unwrap_or(limits::PAGE_DEFAULT) {
        limit @ 1..=limits::PAGE_MAX => Ok(limit),
        _ => Err(ApiError::bad_request("invalid_query", format!("limit is a number from 1 to {}", limits::PAGE_MAX))),
    }
}

/// Where the page begins.
pub fn cursor<T: FromStr>(text: Option<&str>) -> Result<Option<T>, ApiError> {
    text.map(T::from_str)
        .transpose()
        .map_err(|_| ApiError::bad_request("invalid_cursor", "take the cursor from next_cursor of the page before"))
}
