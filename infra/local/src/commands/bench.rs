//! `cargo local bench`

use std::process::Command;

use anyhow::Result;

use crate::project::{Profile, Project};
use crate::tools::Tools;
use crate::{build, steps};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Passed on to the benchmarks.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    passed_on: Vec<String>,
}

pub(super) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    steps::run("build", "release binaries", || build::benchmarks(project))?;
    let tools = Tools::install(project)?;
    // Not by `cargo run`: for one package alone it would build other features.
    let mut bench = Command::new(project.binaries(Profile::Release).join("bench"));
    bench.current_dir(project.path("")).args(&arguments.passed_on).envs(tools.image_variables());
    steps::shown(&mut bench)
}
