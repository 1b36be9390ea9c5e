//! `masthead demo`, and what `serve --demo` does first.

use super::{gather_statistics, open_or_make, writing_much};
use crate::access::auth::password::Passwords;
use crate::base::db::{Db, PoolSizes};
use crate::cli::print_line;
use crate::config::Config;
use crate::demo::archive::{self, ArchiveTimings};
use crate::demo::{self, DemoOutcome};

/// What is to be added.
#[derive(clap::Args, Debug)]
pub(super) struct DemoCommand {
    /// Articles to add to the demo, back in time from its oldest.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    articles: u32,
    /// The same seed makes the same texts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(config: &Config, command: &DemoCommand) -> Result<(), String> {
    let sizes = PoolSizes {
        writes_much: command.articles > 0,
        ..PoolSizes::default()
    };
    let db = open_or_make(config, sizes)?;
    let passwords = Passwords::strong().map_err(|error| error.to_string())?;
    fill(&db, &passwords)?;
    if command.articles > 0 {
        add_articles(&db, command)?;
        gather_statistics(&db);
    }
    Ok(())
}

fn add_articles(db: &Db, command: &DemoCommand) -> Result<(), String> {
    let count = usize::try_from(command.articles).unwrap_or(usize::MAX);
    let report = |stages: &ArchiveTimings| {
        if stages.articles.is_multiple_of(10_000) {
            print_line(format_args!(
                "{} articles in {:.1} s",
                stages.articles,
                stages.total.as_secs_f64()
            ));
        }
    };
    let fill = || archive::fill(db, count, command.seed, report).map_err(|error| error.to_string());
    let stages = writing_much(db, fill)?;
    let stages = stages.ok_or("the database is not the demo")?;
    for (stage, time) in [
        ("texts and their words, beside what follows", stages.composing),
        ("paths, working copies, revisions", stages.writing),
        ("live articles, links and readers’ search", stages.pressing),
        ("the desk’s search", stages.indexing),
        ("comments", stages.discussing),
        ("to the disk", stages.committing),
        ("all", stages.total),
    ] {
        let seconds = time.as_secs_f64();
        let rate = f64::from(command.articles) / seconds.max(0.001);
        print_line(format_args!("{stage}: {seconds:.1} s, {rate:.0} articles/s"));
    }
    print_line(format_args!("{} comments", stages.comments));
    Ok(())
}

/// Fills an empty database, is content with one that is the demo, refuses any other.
pub(super) fn fill(db: &Db, passwords: &Passwords) -> Result<(), String> {
    match demo::fill(db, passwords).map_err(|error| error.to_string())? {
        DemoOutcome::Populated => print_line("The database was empty; it holds the demo newsroom « Le Fanal » now."),
        DemoOutcome::AlreadyPopulated => {}
        DemoOutcome::Refused => {
            return Err("the database is not empty and not the demo: --demo leaves it alone. Name another one with --database-url".to_owned());
        }
    }
    Ok(())
}
