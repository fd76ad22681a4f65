//! Bodies of `/api/entities`.

use domain::entity::Person;
use domain::{Entity, EntityId, IntegrationId, Kind, Service};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a service holds, in one form for all services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntityView {
    pub id: EntityId,
    pub integration_id: IntegrationId,
    pub provider: Service,
    pub kind: Kind,
    /// The service's own id.
    pub external_id: String,
    pub title: String,
    /// Plain text, cut at 16 KB.
    pub body: String,
    /// Where a person looks at it.
    pub url: Option<String>,
    pub author: Option<Person>,
    pub people: Vec<Person>,
    pub labels: Vec<String>,
    /// In the service's own words.
    pub state: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// `GET /api/entities/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntityDetail {
    #[serde(flatten)]
    pub entity: EntityView,
    /// As the service sent it.
    pub raw: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EntityPage {
    /// Newest first: events by their start, all else by its last change.
    pub entities: Vec<EntityView>,
    /// Give it as `cursor` for the next page; null on the last. A page may be short, even empty.
    pub next_cursor: Option<String>,
}

impl From<Entity> for EntityView {
    fn from(entity: Entity) -> Self {
        Self {
            id: entity.id,
            integration_id: entity.integration_id,
            provider: entity.provider,
            kind: entity.kind,
            external_id: entity.external_id,
            title: entity.title,
            body: entity.body,
            url: entity.url,
            author: entity.author,
            people: entity.people,
            labels: entity.labels,
            state: entity.state,
            starts_at: entity.starts_at,
            ends_at: entity.ends_at,
            created_at: entity.created_at,
            updated_at: entity.updated_at,
        }
    }
}
