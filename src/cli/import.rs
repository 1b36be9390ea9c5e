//! `masthead import`: brings a site over.

use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{open, say};
use crate::config::Config;
use crate::import::run::{self, Options, Survey};

#[derive(Subcommand, Debug)]
pub(super) enum ImportCommand {
    /// Bring over a WordPress site from the file that its Tools → Export writes.
    ///
    /// The whole file is checked before anything is written. A run that was stopped is taken up by
    /// the next one; a run over the same file changes nothing; what was edited here is left alone.
    Wxr(WxrCommand),
}

#[derive(Args, Debug)]
pub(super) struct WxrCommand {
    /// The file.
    file: PathBuf,
    /// The time zone of dates that the file does not tell in UTC, such as Africa/Bamako; the site's
    /// where it is not given.
    #[arg(long, value_parser = parse_zone)]
    time_zone: Option<Tz>,
    /// The section of posts without a category: a name, or the path of one that exists. It is made
    /// where it is missing.
    #[arg(long, default_value = "Divers")]
    post_section: String,
    /// The section of pages without a category.
    #[arg(long, default_value = "Pages")]
    page_section: String,
    /// The language of the articles; the site's first where it is not given.
    #[arg(long)]
    locale: Option<String>,
    /// Check the file and say what it holds; write nothing.
    #[arg(long)]
    dry_run: bool,
}

fn parse_zone(text: &str) -> Result<Tz, String> {
    text.parse()
        .map_err(|_| "it must be an IANA time zone, such as Africa/Bamako".to_owned())
}

pub(super) fn run(config: &Config, command: &ImportCommand) -> Result<(), String> {
    let ImportCommand::Wxr(command) = command;
    import(config, command)
}

fn import(config: &Config, command: &WxrCommand) -> Result<(), String> {
    let shown = command.file.display();
    let (file, bar) = start(&command.file, "Checking")?;
    let survey = run::survey(file, &|bytes| bar.set_position(bytes))
        .map_err(|error| format!("{shown}:{}: {}", error.line, error.message))?;
    bar.finish_and_clear();
    if command.dry_run {
        say(found(&survey));
        return Ok(());
    }
    let db = open(config, config.pool_sizes(1024))?;
    let (file, bar) = start(&command.file, "Importing")?;
    let options = Options {
        time_zone: command.time_zone,
        locale: command.locale.clone(),
        post_section: command.post_section.clone(),
        page_section: command.page_section.clone(),
    };
    let report = run::import(&db, file, &survey, &options, &|bytes| bar.set_position(bytes))
        .map_err(|error| format!("{shown}: {error}"))?;
    bar.finish_and_clear();
    say(format_args!(
        "{} (WXR {})\n\n{report}",
        survey.source, survey.site.version
    ));
    Ok(())
}

/// The file, and a bar as long as it; none where nobody would see it.
fn start(path: &Path, what: &'static str) -> Result<(File, ProgressBar), String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(format!("cannot read {}: it is no file", path.display()));
    }
    if !std::io::stderr().is_terminal() {
        return Ok((file, ProgressBar::hidden()));
    }
    let style = ProgressStyle::with_template("{prefix:9} {wide_bar} {bytes}/{total_bytes} {eta}")
        .map_err(|error| error.to_string())?;
    Ok((
        file,
        ProgressBar::new(metadata.len()).with_style(style).with_prefix(what),
    ))
}

fn found(survey: &Survey) -> String {
    let mut text = format!("{} (WXR {}), nothing written\n", survey.source, survey.site.version);
    for (what, times) in &survey.found {
        text.push_str(&format!("\n{times:>9}  {what}"));
    }
    text
}
