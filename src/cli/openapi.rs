//! `masthead openapi`: writes the documents, or checks those that are committed. Needs no database.

use std::path::PathBuf;

use clap::Args;

use crate::cli::print_line;
use crate::openapi::documents;

/// Where the documents are.
#[derive(Args, Debug)]
pub(super) struct OpenapiCommand {
    /// The folder.
    #[arg(long, default_value = "openapi")]
    dir: PathBuf,
    /// Write nothing; fail when a document differs from what this binary would write.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(command: &OpenapiCommand) -> Result<(), String> {
    let documents = documents().map_err(|error| error.to_string())?;
    for (name, text) in [
        ("delivery.json", documents.delivery),
        ("editorial.json", documents.editorial),
    ] {
        let path = command.dir.join(name);
        let shown = path.display();
        if command.check {
            let committed = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
            if committed != text {
                return Err(format!("{shown} is out of date; write it anew with: masthead openapi"));
            }
            print_line(format_args!("{shown} is up to date"));
        } else {
            std::fs::create_dir_all(&command.dir)
                .map_err(|error| format!("cannot make {}: {error}", command.dir.display()))?;
            std::fs::write(&path, text).map_err(|error| format!("cannot write {shown}: {error}"))?;
            print_line(format_args!("{shown} written"));
        }
    }
    Ok(())
}
