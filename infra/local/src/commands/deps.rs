//! `cargo local deps`

use anyhow::Result;

use crate::project::Project;
use crate::tools::Tools;

pub(super) fn run(project: &Project) -> Result<()> {
    Tools::install(project).map(drop)
}
