//! A receiver of webhooks: a server that keeps what it is sent, and answers what it is told to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use masthead::events::webhooks::dispatcher::WebhookDispatcher;
use masthead::published::section_links::sections_of;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::support::{Client, TestApp};

/// What it was sent.
#[derive(Clone, Debug)]
pub struct Message {
    pub headers: HashMap<String, String>,
    pub body: String,
    pub json: Value,
}

impl Message {
    /// The event's id.
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// What happened.
    pub fn kind(&self) -> &str {
        self.json["type"].as_str().unwrap()
    }

    /// The thing that it is about.
    pub fn article(&self) -> &str {
        self.json["data"]["article_id"].as_str().unwrap_or_default()
    }

    /// Whether this secret signed it, at the moment that it names.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let timestamp = self.headers["webhook-timestamp"].parse().unwrap();
        let own = Webhook::new(secret).unwrap();
        let signature = own.sign(self.id(), timestamp, self.body.as_bytes()).unwrap();
        self.headers["webhook-signature"].split(' ').any(|one| one == signature)
    }
}

type Answering = dyn FnMut(&Message) -> u16 + Send;

/// A server on this machine.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    sent: Arc<Mutex<Vec<Message>>>,
    answer: Arc<Mutex<Box<Answering>>>,
}

impl Receiver {
    /// One that takes everything.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            url: format!("http://{}/crochet", listener.local_addr().unwrap()),
            sent: Arc::default(),
            answer: Arc::new(Mutex::new(Box::new(|_| 204))),
        };
        let own = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let own = own.clone();
                std::thread::spawn(move || own.serve(stream.unwrap()));
            }
        });
        receiver
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(message) = read(&mut reader) {
            let status = self.answer.lock().unwrap()(&message);
            self.sent.lock().unwrap().push(message);
            let answer = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n");
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// From now on it answers so.
    pub fn answers(&self, answer: impl FnMut(&Message) -> u16 + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    /// What it was sent since the last time.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.sent.lock().unwrap())
    }

    /// What it was told of since the last time, in order.
    pub fn told(&self) -> Vec<String> {
        self.take().iter().map(|message| message.kind().to_owned()).collect()
    }

    /// A webhook that asks for these kinds; its id and its secret.
    pub async fn webhook(&self, admin: &Client, events: &[&str]) -> (String, String) {
        self.webhook_of(admin, json!({"events": events})).await
    }

    /// A webhook with these members; its id and its secret.
    pub async fn webhook_of(&self, admin: &Client, mut body: Value) -> (String, String) {
        body["name"] = json!("Robot");
        body["url"] = json!(self.url);
        let made = admin.post("/v1/editorial/webhooks", body).await.expect(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made.json["info"]["id"]), text(&made.json["signing_secret"]))
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Message> {
    let (mut headers, mut line) = (HashMap::new(), String::new());
    while reader.read_line(&mut line).ok()? > 0 {
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        line.clear();
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let json = serde_json::from_str(&body).unwrap();
    Some(Message { headers, body, json })
}

/// What an instance sends with.
pub fn dispatcher(app: &TestApp) -> WebhookDispatcher {
    let state = &app.state;
    let (db, metrics, allowed) = (&state.db, &state.metrics, &state.outgoing_allow);
    WebhookDispatcher::of(db, &state.secrets, metrics, allowed, sections_of).unwrap()
}
