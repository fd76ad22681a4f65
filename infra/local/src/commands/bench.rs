//! `cargo local bench`

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
    steps::run("build", "release binaries", || build::binaries(project, Profile::Release))?;
    let tools = Tools::install(project)?;
    let mut bench = build::cargo(project);
    bench.args(["run", "--quiet", "--release", "--package", "tests", "--bin", "bench", "--"]);
    bench.args(&arguments.passed_on).envs(tools.image_variables());
    steps::shown(&mut bench)
}
