//! `cargo local`: see `cli`.

fn main() {}
