//! `/control/google`: what tests and the page do to it that Google's API does not offer.
//!
//! | | |
//! |---|---|
//! | `POST /control/google {"do": …}` | an [`order::Order`] |
//! | `GET /control/google?account=` | what there is, to compare with what was synced |

mod order;
mod state;

use axum::Router;
use axum::routing::get;

use super::state::Google;

pub(crate) fn router() -> Router<Google> {
    Router::new().route("/", get(state::show).post(order::obey))
}
