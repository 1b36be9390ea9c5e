//! Captchas: proofs of work, and those of providers, whom a server of our own plays.

mod proofs;
mod providers;
mod spending;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use masthead::base::ids::ArticleId;
use masthead::base::outgoing::guard::AllowedNetworks;
use masthead::comments::captcha::providers::{ProviderName, ProviderSecret, ProviderSettings};
use masthead::comments::captcha::{Captcha, CaptchaSettings};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const SECRET: &str = "geheim-4711";
const HOST: &str = "www.lefanal.test";
const PROOF: CaptchaSettings = CaptchaSettings::ProofOfWork { difficulty: 200 };

/// How the server behaves.
enum Plays {
    /// Answers this status and body.
    Answers(u16, String),
    /// Answers 200 with this body, once it hears that it may.
    Waits(String, Receiver<()>),
    /// Takes the request and says nothing until the client goes.
    Hangs,
    /// Begins its answer and says no more.
    Stalls,
    /// Never ends its body.
    Floods,
    /// Does not speak HTTP.
    Babbles,
    /// Sends the client elsewhere.
    Redirects,
}

/// A provider, and the forms that it was sent.
struct PlayedProvider {
    url: String,
    forms: Receiver<String>,
}

fn play(plays: Plays) -> PlayedProvider {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    let (send, forms) = channel();
    let here = url.clone();
    std::thread::spawn(move || {
        // One connection at a time, until the test ends.
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let Some(form) = read_form(&mut stream) else { continue };
            let _heard = send.send(form);
            // The client may go at any moment.
            let _written = answer(&mut stream, &plays, &here);
        }
    });
    PlayedProvider { url, forms }
}

/// The body of a request, whole.
fn read_form(stream: &mut TcpStream) -> Option<String> {
    let (mut text, mut buffer) = (String::new(), [0; 1024]);
    loop {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.to_ascii_lowercase();
        let length = length
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok());
        if text.contains("\r\n\r\n") && length.is_some_and(|length: usize| body.len() >= length) {
            return Some(body.to_owned());
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => text.push_str(std::str::from_utf8(&buffer[..count]).ok()?),
        }
    }
}

fn answer(stream: &mut TcpStream, plays: &Plays, here: &str) -> std::io::Result<()> {
    let whole = |status: u16, body: &str| {
        format!(
            "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let gone = |stream: &mut TcpStream| while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {};
    match plays {
        Plays::Answers(status, body) => stream.write_all(whole(*status, body).as_bytes()),
        Plays::Waits(body, go) => {
            let _told = go.recv();
            stream.write_all(whole(200, body).as_bytes())
        }
        Plays::Hangs => {
            gone(stream);
            Ok(())
        }
        Plays::Stalls => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"success\": tr")?;
            gone(stream);
            Ok(())
        }
        Plays::Floods => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(b"400\r\n")?;
                stream.write_all(&[b' '; 0x400])?;
                stream.write_all(b"\r\n")?;
            }
        }
        Plays::Babbles => stream.write_all(b"220 mail.example.org ESMTP\r\n"),
        Plays::Redirects => stream.write_all(
            format!("HTTP/1.1 302 Found\r\nLocation: {here}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        ),
    }
}

fn settings(name: ProviderName, url: &str) -> ProviderSettings {
    let mut settings = ProviderSettings::new(
        name,
        "site-key".to_owned(),
        ProviderSecret::new(SECRET),
        vec![HOST.to_owned()],
    );
    url.clone_into(&mut settings.verify_url);
    // The played one is on this machine.
    settings.outgoing.allowed = AllowedNetworks(vec!["127.0.0.0/8".parse().unwrap()]);
    settings
}

/// A provider's captcha at an address, by the clock and the secret of an application.
fn captcha(app: &TestApp, settings: ProviderSettings) -> Captcha {
    Captcha::new(CaptchaSettings::Provider(settings), &app.state.secrets).unwrap()
}

/// What a provider says of a token that is right in every way.
async fn yes(app: &TestApp, name: ProviderName, article: ArticleId) -> Value {
    let asking = app
        .asking_for(CaptchaSettings::Provider(settings(name, "http://none.test")))
        .await;
    let form = form_of(&asking.guest(), article).await;
    json!({"success": true, "hostname": HOST, "score": 0.9, "action": form["action"], "cdata": form["cdata"]})
}

async fn form_of(reader: &Client, article: ArticleId) -> Value {
    let path = format!("/v1/captcha?article_id={article}");
    reader.get(&path).await.expect(200).json
}
