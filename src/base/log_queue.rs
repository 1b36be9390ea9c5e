//! The way of a line of the log to where logs go: through a queue with an end, written by a thread of its own. Where
//! nobody reads, or the disk is slow or full, lines are dropped and counted, and no request waits.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Lines that wait at most.
const LINES: usize = 1_024;
/// Bytes of a line at most; the rest is cut off.
const LINE_BYTES: usize = 16 * 1_024;
/// How long the end of the process waits for lines to be written.
const LAST_LINES_TIME: Duration = Duration::from_secs(1);

static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Lines that were dropped since the process began.
pub fn dropped_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

enum LogStep {
    Line(Vec<u8>),
    Finish(SyncSender<()>),
}

/// The queue's end for those who log: each write is one whole line.
#[derive(Clone)]
pub struct LogQueue(SyncSender<LogStep>);

impl LogQueue {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(LINES);
        std::thread::Builder::new()
            .name("masthead-log".to_owned())
            .spawn(move || write_lines(&receiver, out))?;
        Ok(Self(sender))
    }

    /// Waits until what was logged is written, or for a second.
    pub fn finish(&self) {
        let (done, is_done) = sync_channel(1);
        let mut step = LogStep::Finish(done);
        let begun = std::time::Instant::now();
        while let Err(TrySendError::Full(same)) = self.0.try_send(step) {
            if begun.elapsed() > LAST_LINES_TIME {
                return;
            }
            step = same;
            std::thread::sleep(Duration::from_millis(10));
        }
        let _written_or_late = is_done.recv_timeout(LAST_LINES_TIME);
    }
}

impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut kept = line[..line.len().min(LINE_BYTES)].to_vec();
        if kept.len() < line.len() {
            kept.extend_from_slice("…\n".as_bytes());
        }
        if self.0.try_send(LogStep::Line(kept)).is_err() {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_lines(steps: &Receiver<LogStep>, mut out: impl Write) {
    let mut told = 0;
    while let Ok(step) = steps.recv() {
        match step {
            // What cannot be written is lost as if nobody read it.
            LogStep::Line(line) => {
                if out.write_all(&line).is_err() {
                    DROPPED.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            }
            LogStep::Finish(done) => drop(done.send(())),
        }
        let dropped = dropped_lines();
        if dropped > told && writeln!(out, "{} lines of the log were dropped", dropped - told).is_ok() {
            told = dropped;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Takes nothing while it is locked.
    #[derive(Clone, Default)]
    struct Reader(Arc<Mutex<Vec<u8>>>);

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_reader_who_does_not_read_and_lost_lines_are_told() {
        let reader = Reader::default();
        let mut queue = LogQueue::start(reader.clone()).unwrap();
        let asleep = reader.0.lock().unwrap();
        for number in 0..LINES + 100 {
            queue.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        queue.write_all("x".repeat(LINE_BYTES * 2).as_bytes()).unwrap();
        drop(asleep);
        queue.finish();
        let text = String::from_utf8(reader.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("line 0\n"), "{text}");
        assert!(text.contains(" lines of the log were dropped\n"), "{text}");
        assert!(dropped_lines() >= 99);
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let reader = Reader::default();
        let mut queue = LogQueue::start(reader.clone()).unwrap();
        queue.write_all("x".repeat(LINE_BYTES * 2).as_bytes()).unwrap();
        queue.finish();
        let text = String::from_utf8(reader.0.lock().unwrap().clone()).unwrap();
        assert!(text.len() < LINE_BYTES + 100 && text.contains("…\n"));
    }
}
