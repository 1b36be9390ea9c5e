//! The log: what is written, in which form, and that it never keeps the server from its work.

use std::io::{IsTerminal, Write};

use env_logger::{Builder, Env, Target, WriteStyle};
use log::kv::{Key, Value, VisitSource};
use log::{LevelFilter, Record};

use crate::base::clock::Clock;
use crate::base::log_queue::LogQueue;
use crate::config::LogFormat;

/// What is logged where RUST_LOG says nothing: not what broken clients send, a line for each.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off";

/// Starts the log; what is returned must be finished before the process ends.
///
/// # Errors
/// When the system gives no thread for it.
pub fn start(format: LogFormat) -> std::io::Result<LogQueue> {
    let queue = LogQueue::start(std::io::stderr())?;
    let mut builder = builder(Env::default().default_filter_or(DEFAULT_FILTER));
    if format == LogFormat::Json {
        builder.format(|out, record| writeln!(out, "{}", as_json(record)));
    }
    let style = if std::io::stderr().is_terminal() {
        WriteStyle::Auto
    } else {
        WriteStyle::Never
    };
    builder
        .write_style(style)
        .target(Target::Pipe(Box::new(queue.clone())))
        .init();
    // The usual hook writes by itself, and would wait for whoever reads.
    std::panic::set_hook(Box::new(|panic| log::error!(target: "masthead::panic", "{panic}")));
    Ok(queue)
}

/// What the environment asks for. Two modules stay silent whatever it asks: there the HTTP client writes down every
/// byte that it sends, a provider's secret among them, and the HTML parser every text that it reads, which would
/// outlive what is taken down.
fn builder<'a>(env: impl Into<Env<'a>>) -> Builder {
    let mut builder = Builder::from_env(env);
    builder.filter_module("ureq_proto::util", LevelFilter::Off);
    builder.filter_module("html5ever", LevelFilter::Warn);
    builder
}

fn as_json(record: &Record<'_>) -> serde_json::Value {
    struct Members(serde_json::Map<String, serde_json::Value>);
    impl<'kvs> VisitSource<'kvs> for Members {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
            self.0.insert(key.to_string(), value.to_string().into());
            Ok(())
        }
    }
    let mut members = Members(serde_json::Map::new());
    let time = Clock::system().now().to_string();
    for (name, value) in [
        ("time", time),
        ("level", record.level().as_str().to_lowercase()),
        ("target", record.target().to_owned()),
        ("message", record.args().to_string()),
    ] {
        members.0.insert(name.to_owned(), value.into());
    }
    // Nothing in it can fail.
    let _visited = record.key_values().visit(&mut members);
    members.0.into()
}

#[cfg(test)]
mod tests {
    use log::{Level, Log, Metadata};

    use super::*;

    #[test]
    fn the_bytes_that_are_sent_to_a_provider_are_never_logged() {
        for asked in [
            "trace",
            "ureq_proto=trace",
            "ureq_proto::util=trace",
            "trace,ureq_proto::util=trace",
        ] {
            let log = builder(Env::new().filter_or("NO_SUCH_VARIABLE", asked)).build();
            let hears = |target| log.enabled(&Metadata::builder().level(Level::Trace).target(target).build());
            assert!(!hears("ureq_proto::util"), "{asked}");
        }
        let log = builder(Env::new().filter_or("NO_SUCH_VARIABLE", "trace")).build();
        assert!(
            log.enabled(
                &Metadata::builder()
                    .level(Level::Trace)
                    .target("ureq_proto::client")
                    .build()
            )
        );
    }

    #[test]
    fn a_line_of_json_has_the_message_and_what_was_noted_with_it() {
        let noted = [("request_id", "a-1")];
        let record = Record::builder()
            .level(Level::Warn)
            .target("masthead::access")
            .args(format_args!("GET \"x\"\n200"))
            .key_values(&noted)
            .build();
        let line = as_json(&record);
        assert_eq!(line["message"], "GET \"x\"\n200");
        assert_eq!((&line["level"], &line["request_id"]), (&"warn".into(), &"a-1".into()));
        assert!(!line.to_string().contains('\n'));
    }
}
