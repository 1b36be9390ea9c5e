//! `masthead openapi`: writes the documents that this binary serves. Needs no database.

use std::path::PathBuf;

use clap::Args;

use crate::app::documents::{DELIVERY_DOCUMENT, EDITORIAL_DOCUMENT};
use crate::cli::print_line;

/// Where the documents go.
#[derive(Args, Debug)]
pub(super) struct OpenapiCommand {
    /// The folder.
    #[arg(long, default_value = "openapi")]
    dir: PathBuf,
}

pub(super) fn run(command: &OpenapiCommand) -> Result<(), String> {
    let dir = &command.dir;
    std::fs::create_dir_all(dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
    for (name, document) in [
        ("delivery.json", DELIVERY_DOCUMENT),
        ("editorial.json", EDITORIAL_DOCUMENT),
    ] {
        let path = dir.join(name);
        let text = document.unpack().map_err(|error| error.to_string())?;
        std::fs::write(&path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        print_line(format_args!("{} written", path.display()));
    }
    Ok(())
}
