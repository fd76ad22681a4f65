//! Files that a prompt brings along: copies of the user's, laid into the workspace
//! before the agent hears of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::file::{ContentType, FileName};
use crate::{File, FileId, TurnNumber};

/// A file as it was when it was attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    pub file_id: FileId,
    #[schema(value_type = String)]
    pub name: FileName,
    /// Bytes.
    pub size: u64,
    #[schema(value_type = String)]
    pub content_type: ContentType,
}

impl From<&File> for Attachment {
    fn from(file: &File) -> Self {
        Self { file_id: file.id, name: file.name.clone(), size: file.size, content_type: file.content_type.clone() }
    }
}

/// Where a turn's attachments lie in the session's workspace, in their order. Each
/// turn has a folder of its own, so that none replaces what the agent worked on.
pub fn places(turn: TurnNumber, attachments: &[Attachment]) -> Vec<String> {
    let names: BTreeSet<&str> = attachments.iter().map(|attachment| attachment.name.last()).collect();
    let alike = names.len() < attachments.len();
    let place = |(n, attachment): (usize, &Attachment)| match attachment.name.last() {
        name if alike => format!("attachments/{turn}/{}/{name}", n + 1),
        name => format!("attachments/{turn}/{name}"),
    };
    attachments.iter().enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn no_two_attachments_lie_in_one_place() {
        let attachment = |name: &str| Attachment {
            file_id: FileId::mint(Timestamp::UNIX_EPOCH),
            name: FileName::parse(name).unwrap(),
            size: 1,
            content_type: ContentType::default(),
        };
        let of = |names: &[&str]| places(3, &names.iter().map(|name| attachment(name)).collect::<Vec<_>>());
        assert_eq!(of(&["a/x.txt", "y.txt"]), ["attachments/3/x.txt", "attachments/3/y.txt"]);
        let alike = of(&["a/x", "b/x", "2"]);
        assert_eq!(alike, ["attachments/3/1/x", "attachments/3/2/x", "attachments/3/3/2"]);
    }
}
