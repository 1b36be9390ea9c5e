//! `masthead import`: brings a site over.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::{gather_statistics, open_or_make, writing_much};
use crate::access::audit::{Via, Who};
use crate::base::db::PoolSizes;
use crate::base::error::{Error, FieldCode, FieldError, Language};
use crate::base::limits;
use crate::cli::print_line;
use crate::config::{Config, parse_public_url};
use crate::import::run::report::ImportReport;
use crate::import::run::{self, ImportOptions, ImportTimings, WxrSurvey, disqus};
use crate::site::paths::RedirectOrigin;
use crate::site::redirects::change::RedirectMaker;

#[derive(Subcommand, Debug)]
pub(super) enum ImportCommand {
    /// Bring over a WordPress site from the file that its Tools → Export writes.
    ///
    /// The whole file is checked before anything is written. A run that was stopped is taken up by
    /// the next one; a run over the same file changes nothing; what was edited here is left alone.
    Wxr(WxrCommand),
    /// Bring over comments from the file that Disqus' export writes, once their articles are here.
    ///
    /// The whole file is checked before anything is written. An article is found by its WordPress number,
    /// else by the path of its address. A run over the same file adds nothing.
    Disqus(DisqusCommand),
    /// Make redirects from a CSV file: columns path, location and, if you like, http_status and note.
    ///
    /// The columns that WordPress' plugins for redirects export are known too. Every row that can be is
    /// made; what is wrong with the others is told by line, and the command fails. A run over the same
    /// file changes nothing.
    Redirects(RedirectsCommand),
}

#[derive(Args, Debug)]
pub(super) struct DisqusCommand {
    /// The file.
    file: PathBuf,
    /// Write the whole report there as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Check the file and say what it holds; write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct RedirectsCommand {
    /// The file.
    file: PathBuf,
    /// The base of the site, such as https://www.example.org: URLs below it are paths of the site.
    #[arg(long, env = "MASTHEAD_PUBLIC_URL", value_parser = parse_public_url)]
    public_url: Option<String>,
    /// Say what the file would do; write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct WxrCommand {
    /// The file; where an export was split, all its files, in any order.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The types of items that become articles beside posts and pages, with commas: podcast,depeche.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    post_type: Vec<String>,
    /// What the addresses of categories' archives begin with, as WordPress' settings for permalinks say: their
    /// archives lead to the sections.
    #[arg(long, default_value = "category")]
    category_base: String,
    /// The same for tags.
    #[arg(long, default_value = "tag")]
    tag_base: String,
    /// Write the whole report there as JSON: each kind of loss with its count and the first things that it befell.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
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
    match command {
        ImportCommand::Wxr(command) => import(config, command),
        ImportCommand::Disqus(command) => import_disqus(config, command),
        ImportCommand::Redirects(command) => import_redirects(config, command),
    }
}

fn import_redirects(config: &Config, command: &RedirectsCommand) -> Result<(), String> {
    let shown = command.file.display();
    let failed = |error: std::io::Error| format!("cannot read {shown}: {error}");
    let file = File::open(&command.file).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = u64::try_from(limits::REDIRECT_BYTES).unwrap_or(u64::MAX);
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limits::REDIRECT_BYTES {
        return Err(format!("{shown} is larger than {most} bytes: divide it"));
    }
    let db = open_or_make(config, config.pool_sizes(1024))?;
    let maker = RedirectMaker {
        who: Who::server(Via::Import, None),
        origin: RedirectOrigin::Import,
        now: db.clock().now(),
    };
    let public_url = command.public_url.as_deref().unwrap_or_default();
    let report = crate::site::redirects::import::run(&db, &bytes, public_url, &maker, command.dry_run)
        .map_err(|error| format!("{shown}: {}", of_columns(&error)))?;
    for (line, errors) in &report.refused {
        for error in errors {
            let message = error.message(Language::English);
            let column = error.pointer.trim_start_matches('/');
            print_line(format_args!("{shown}:{line}: {column}: {message}"));
        }
    }
    let written = if command.dry_run { ", nothing written" } else { "" };
    print_line(format_args!(
        "{} rows: {} created, {} unchanged, {} replaced, {} refused{written}",
        report.rows,
        report.created,
        report.unchanged,
        report.replaced,
        report.refused.len()
    ));
    if report.refused.is_empty() {
        return Ok(());
    }
    let hint = match &command.public_url {
        None => "; URLs of the site itself are paths where --public-url says which site that is",
        Some(_) => "",
    };
    Err(format!("{shown}: {} rows were refused{hint}", report.refused.len()))
}

/// What is wrong with a file of redirects as a whole, in words about its columns.
fn of_columns(error: &Error) -> String {
    let of_field = |field: &FieldError| {
        let column = field
            .pointer
            .trim_start_matches('/')
            .replace("~1", "/")
            .replace("~0", "~");
        match field.code {
            FieldCode::UnknownField => format!("the column “{column}” is not known"),
            FieldCode::DuplicateField => format!("the column “{column}” is there twice, or another one says the same"),
            FieldCode::Required => format!("the column {column} is missing"),
            _ => field.message(Language::English),
        }
    };
    if error.errors().is_empty() {
        return error.to_string();
    }
    let told: Vec<String> = error.errors().iter().map(of_field).collect();
    format!(
        "{}. The first line names the columns: path and location, if you like http_status and note",
        told.join("; ")
    )
}

fn import(config: &Config, command: &WxrCommand) -> Result<(), String> {
    let began = Instant::now();
    let mut survey = WxrSurvey::of_types(&command.post_type);
    for path in &command.files {
        let (file, bar) = start(path, "Checking")?;
        survey
            .read(file, &|bytes| bar.set_position(bytes))
            .map_err(|error| format!("{}:{}: {}", path.display(), error.line, error.message))?;
        bar.finish_and_clear();
    }
    if command.dry_run {
        print_line(found(&survey));
        return Ok(());
    }
    let surveying = began.elapsed();
    let file_of_report = command.report.as_deref().map(ReportFile::create).transpose()?;
    let sizes = PoolSizes {
        writes_much: true,
        ..config.pool_sizes(1024)
    };
    let db = open_or_make(config, sizes)?;
    let options = ImportOptions {
        time_zone: command.time_zone,
        locale: command.locale.clone(),
        post_section: command.post_section.clone(),
        page_section: command.page_section.clone(),
        category_base: command.category_base.clone(),
        tag_base: command.tag_base.clone(),
        secrets: Some(config.secrets()?),
    };
    let (report, timings) = writing_much(&db, || {
        let mut import = run::start(&db, &survey, &options)?;
        for path in &command.files {
            let (file, bar) = start(path, "Importing")?;
            import
                .read(file, &|bytes| bar.set_position(bytes))
                .map_err(|error| format!("{}: {error}", path.display()))?;
            bar.finish_and_clear();
        }
        let timings = import.timings();
        Ok((import.finish(), timings))
    })?;
    gather_statistics(&db);
    print_line(format_args!(
        "{} (WXR {})\n\n{report}",
        survey.source, survey.site.version
    ));
    print_stages(surveying, &timings);
    file_of_report.map_or(Ok(()), |file| file.write(&survey.source, &report))
}

/// Says where the time went, with the rate of each stage.
fn print_stages(surveying: Duration, timings: &ImportTimings) {
    let known = timings.preparing + timings.naming + timings.writing + timings.discussing;
    let stages = [
        ("checking the files", surveying, timings.articles),
        (
            "reading them again",
            timings.total.saturating_sub(known),
            timings.articles,
        ),
        ("texts", timings.preparing, timings.articles),
        ("tags and authors", timings.naming, timings.articles),
        ("articles, live and at the desk", timings.writing, timings.articles),
        ("comments", timings.discussing, timings.comments),
        ("all", surveying + timings.total, timings.articles),
    ];
    for (stage, time, count) in stages {
        let seconds = time.as_secs_f64();
        let rate = f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds.max(0.001);
        print_line(format_args!("{stage}: {count} in {seconds:.1} s, {rate:.0}/s"));
    }
}

fn import_disqus(config: &Config, command: &DisqusCommand) -> Result<(), String> {
    let shown = command.file.display();
    let (file, bar) = start(&command.file, "Checking")?;
    let survey = disqus::survey(file, &|bytes| bar.set_position(bytes))
        .map_err(|error| format!("{shown}:{}: {}", error.line, error.message))?;
    bar.finish_and_clear();
    if command.dry_run {
        let (threads, posts, unusable) = (survey.threads, survey.posts, survey.unusable);
        print_line(format_args!(
            "{threads} threads, {posts} posts, {unusable} unusable, nothing written"
        ));
        return Ok(());
    }
    let file_of_report = command.report.as_deref().map(ReportFile::create).transpose()?;
    let secrets = config.secrets()?;
    let db = open_or_make(config, config.pool_sizes(1024))?;
    let (file, bar) = start(&command.file, "Importing")?;
    let report = disqus::import(&db, file, &secrets, &|bytes| bar.set_position(bytes))
        .map_err(|error| format!("{shown}: {error}"))?;
    bar.finish_and_clear();
    gather_statistics(&db);
    print_line(&report);
    file_of_report.map_or(Ok(()), |file| file.write("disqus", &report))
}

/// The file that the report is wished in: made before anything is written, so that a wrong name costs nothing.
struct ReportFile<'f> {
    path: &'f Path,
    file: File,
}

impl<'f> ReportFile<'f> {
    fn create(path: &'f Path) -> Result<Self, String> {
        let file = File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self { path, file })
    }

    fn write(mut self, source: &str, report: &ImportReport) -> Result<(), String> {
        let mut json = report.to_json();
        json["source"] = source.into();
        let written = serde_json::to_writer_pretty(&mut self.file, &json).map_err(std::io::Error::from);
        let written = written.and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|error| format!("cannot write {}: {error}", self.path.display()))
    }
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

fn found(survey: &WxrSurvey) -> String {
    let mut text = format!("{} (WXR {}), nothing written\n", survey.source, survey.site.version);
    for (what, times) in survey.counts() {
        text.push_str(&format!("\n{times:>9}  {what}"));
    }
    text
}
