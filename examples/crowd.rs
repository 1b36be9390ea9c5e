//! Readers who do not wait for each other: what `scripts/mixed-load` sends. Each request has its moment, however long the
//! ones before it take, and its time is counted from that moment: a server that stalls is not asked less.
//!
//! ```text
//! crowd ADDRESS RATE CONNECTIONS ADDRESSES ORDER ANSWERS [CODINGS]
//! ```
//!
//! It sends RATE requests a second until ORDER is through: a file of four bytes for each request, the number (little
//! endian) of a line of ADDRESSES, which are paths. What came back is written to ANSWERS, 32 bytes for each request in
//! order: when it was due and when it was sent, in microseconds since 1970; how long after it was due its last byte was
//! there, in microseconds; the status; and a number that stands for its `ETag`. CODINGS is the `Accept-Encoding`.

use std::env::args;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What all connections share.
struct Crowd {
    address: String,
    requests: Vec<Vec<u8>>,
    order: Vec<usize>,
    gap: Duration,
    /// The first moment, by both clocks.
    start: Instant,
    start_micros: u64,
    next: AtomicUsize,
}

/// The bytes of one answer in ANSWERS.
type Record = [u8; 32];

impl Crowd {
    /// Sends what is due next, again and again; which requests, and what came back.
    fn send_all(&self) -> Result<Vec<(usize, Record)>> {
        let mut connection = TcpStream::connect(&self.address)?;
        connection.set_nodelay(true)?;
        let mut records = Vec::new();
        let mut buffer = Vec::with_capacity(1 << 16);
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&number) = self.order.get(place) else {
                return Ok(records);
            };
            let request = self
                .requests
                .get(number)
                .ok_or_else(|| Error::other("ORDER names no line"))?;
            let due = self.gap.mul_f64(place as f64);
            thread::sleep(due.saturating_sub(self.start.elapsed()));
            let sent = self.start.elapsed();
            connection.write_all(request)?;
            let (status, tag, is_last) = read_answer(&mut connection, &mut buffer)?;
            let took = self.start.elapsed() - due;
            if is_last {
                connection = TcpStream::connect(&self.address)?;
                connection.set_nodelay(true)?;
            }
            let mut record = Record::default();
            let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            record[..8].copy_from_slice(&(self.start_micros + micros(due)).to_le_bytes());
            record[8..16].copy_from_slice(&(self.start_micros + micros(sent)).to_le_bytes());
            record[16..20].copy_from_slice(&u32::try_from(micros(took)).unwrap_or(u32::MAX).to_le_bytes());
            record[20..22].copy_from_slice(&status.to_le_bytes());
            record[24..].copy_from_slice(&tag.to_le_bytes());
            records.push((place, record));
        }
    }
}

/// Reads one answer to its last byte: its status, its tag, and whether the connection ends with it.
fn read_answer(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(u16, u64, bool)> {
    let invalid = |what: &str| Error::other(format!("an answer without {what}"));
    buffer.clear();
    let mut chunk = [0; 1 << 16];
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        let count = connection.read(&mut chunk)?;
        if count == 0 {
            return Err(invalid("an end"));
        }
        buffer.extend_from_slice(&chunk[..count]);
    };
    let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| invalid("a status"))?;
    let value = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let length: Option<usize> = value("content-length").and_then(|length| length.parse().ok());
    let mut left = (end + length.ok_or_else(|| invalid("a length"))?).saturating_sub(buffer.len());
    let is_last = value("connection") == Some("close");
    let mut hasher = DefaultHasher::new();
    value("etag").hash(&mut hasher);
    let tag = hasher.finish();
    while left > 0 {
        match connection.read(&mut chunk)? {
            0 => return Err(invalid("an end")),
            count => left = left.saturating_sub(count),
        }
    }
    Ok((status, tag, is_last))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = args().skip(1).collect();
    let [address, rate, connections, addresses, order, answers, codings @ ..] = &arguments[..] else {
        return Err(Error::other(
            "crowd ADDRESS RATE CONNECTIONS ADDRESSES ORDER ANSWERS [CODINGS]",
        ));
    };
    let rate: f64 = rate.parse().map_err(Error::other)?;
    let connections: usize = connections.parse().map_err(Error::other)?;
    let coding = codings
        .first()
        .map_or(String::new(), |codings| format!("Accept-Encoding: {codings}\r\n"));
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{coding}\r\n").into_bytes();
    let order = std::fs::read(order)?;
    let (numbers, _) = order.as_chunks::<4>();
    let crowd = Arc::new(Crowd {
        address: address.clone(),
        requests: std::fs::read_to_string(addresses)?.lines().map(request).collect(),
        order: numbers
            .iter()
            .map(|number| u32::from_le_bytes(*number) as usize)
            .collect(),
        gap: Duration::from_secs_f64(1.0 / rate),
        start: Instant::now(),
        start_micros: u64::try_from(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_err(Error::other)?
                .as_micros(),
        )
        .map_err(Error::other)?,
        next: AtomicUsize::new(0),
    });
    let threads: Vec<_> = (0..connections)
        .map(|_| {
            let crowd = crowd.clone();
            thread::Builder::new()
                .stack_size(1 << 18)
                .spawn(move || crowd.send_all())
        })
        .collect::<Result<_>>()?;
    let mut written = vec![0; crowd.order.len() * size_of::<Record>()];
    let (places, _) = written.as_chunks_mut::<32>();
    for thread in threads {
        for (place, record) in thread.join().map_err(|_| Error::other("a connection panicked"))?? {
            places[place] = record;
        }
    }
    std::fs::File::create(answers)?.write_all(&written)
}
