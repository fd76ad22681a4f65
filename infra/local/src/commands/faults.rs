//! `cargo local faults`

use std::process::Command;

use anyhow::Result;

use crate::project::{Profile, Project};
use crate::tools::Tools;
use crate::{build, steps};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Passed on to the fault run, such as `--turns 200 --seed 1`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    passed_on: Vec<String>,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    steps::run("build", "binaries and the fault run", || build::fault_run(project))?;
    let tools = Tools::install(project)?;
    let mut faults = Command::new(project.binaries(Profile::Dev).join("faults"));
    faults.current_dir(project.path("")).args(&arguments.passed_on).envs(tools.image_variables());
    steps::shown(&mut faults)
}
