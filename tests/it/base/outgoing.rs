//! Requests to other servers: whom they may reach, and that nobody can hold them up.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use masthead::base::outgoing::guard::{AllowedNetworks, RefusedTarget};
use masthead::base::outgoing::{OutgoingBounds, OutgoingClient, OutgoingError, OutgoingPost};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate that nobody but itself vouches for, of `localhost` and `127.0.0.1`, and its key.
const CERTIFICATE: &str = "MIIBnDCCAUGgAwIBAgIUOWUj6lgJPRiPpBeREGGQt2sesAAwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2\
    MTEzMDE1MTkxMFoYDzIxMjYxMTA2MTUxOTEwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
    AARBRJn61JWyJv+MGxzdZsDBqGY4C7dk4imirueMcMWpJjIP8k7SCVA1YLqz+OThmyFv8QPaRks7WjU/GJLQUT4po28wbTAdBgNV\
    HQ4EFgQUS25kg0XWOgjAVcARZmyNfBJUa6wwHwYDVR0jBBgwFoAUS25kg0XWOgjAVcARZmyNfBJUa6wwDwYDVR0TAQH/BAUwAwEB\
    /zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhAK7JLejeDRXYVRnyn+6pNz4Jv0waBHXAa/6P\
    FeF4mg0EAiEA+1/Z0oZXrqqFDVaS7UGtNMNlb1u+6y2aVldUo9fFPyY=";
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZcB92mpCgHwVjWDy4nGK92jyFryJ3sprNE7PxNHBJ7ehRANCAARB\
    RJn61JWyJv+MGxzdZsDBqGY4C7dk4imirueMcMWpJjIP8k7SCVA1YLqz+OThmyFv8QPaRks7WjU/GJLQUT4p";

/// What a server does with a connection.
type Play = fn(&mut TcpStream) -> std::io::Result<()>;

/// A server that plays, and counts whom it met.
fn server(play: Play) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, met) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = met.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            // Whoever asked may have gone.
            std::thread::spawn(move || drop(play(&mut stream.unwrap())));
        }
    });
    (port, met)
}

fn client(allowed: &[&str]) -> OutgoingClient {
    OutgoingClient::new(
        "test",
        OutgoingBounds {
            allowed: AllowedNetworks(allowed.iter().map(|network| network.parse().unwrap()).collect()),
            timeout: Duration::from_millis(1_500),
            max_requests: 4,
            needs_body: true,
            max_bytes: 16 * 1024,
        },
    )
}

async fn post(client: &OutgoingClient, url: &str) -> Result<u16, OutgoingError> {
    let post = OutgoingPost {
        url: url.to_owned(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: "{}".to_owned(),
    };
    client.post(post).await.map(|reply| reply.status)
}

fn read_head(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.read(&mut [0; 1024]).map(drop)
}

#[actix_web::test]
async fn nothing_in_here_is_asked_unless_the_operator_says_so() {
    let (port, met) = server(|stream| {
        read_head(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    });
    let nowhere = client(&[]);
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            assert_eq!(
                post(&nowhere, &url).await,
                Err(OutgoingError::Refused(RefusedTarget::NotPublic)),
                "{url}"
            );
        }
    }
    for host in ["10.0.0.1", "192.168.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"] {
        let url = format!("https://{host}/latest/meta-data");
        assert_eq!(
            post(&nowhere, &url).await,
            Err(OutgoingError::Refused(RefusedTarget::NotPublic)),
            "{url}"
        );
    }
    for (url, expected) in [
        ("http://1.1.1.1/", OutgoingError::Refused(RefusedTarget::NotEncrypted)),
        (
            "https://anna:secret@1.1.1.1/",
            OutgoingError::Refused(RefusedTarget::NamesUser),
        ),
        ("ftp://1.1.1.1/", OutgoingError::Unreachable),
        ("file:///etc/passwd", OutgoingError::Unreachable),
        ("https://", OutgoingError::Unreachable),
        ("https://nobody.invalid/", OutgoingError::Unreachable),
    ] {
        assert_eq!(post(&nowhere, url).await, Err(expected), "{url}");
    }
    assert_eq!(met.load(Ordering::SeqCst), 0, "somebody was let through");
    let here = client(&["127.0.0.0/8"]);
    assert_eq!(post(&here, &format!("http://127.0.0.1:{port}/")).await, Ok(200));
    assert_eq!(
        post(&here, &format!("http://[::ffff:127.0.0.1]:{port}/")).await,
        Ok(200)
    );
    assert_eq!(met.load(Ordering::SeqCst), 2);
}

#[actix_web::test]
async fn no_server_holds_a_request_up_or_leads_it_elsewhere() {
    let (elsewhere, met) = server(|_| Ok(()));
    let here = client(&["127.0.0.0/8"]);
    let hangs: Play = |stream| stream.read_to_end(&mut Vec::new()).map(drop);
    let drips: Play = |stream| {
        read_head(stream)?;
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".iter().cycle() {
            stream.write_all(&[*byte])?;
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    };
    let floods: Play = |stream| {
        read_head(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")?;
        (0..10_240).try_for_each(|_| stream.write_all(&[b' '; 1_024]))
    };
    let closes: Play = |stream| read_head(stream);
    let babbles: Play = |stream| stream.write_all(b"220 mail.example.org ESMTP\r\n");
    for (what, play, expected) in [
        ("hangs", hangs, Err(OutgoingError::Timeout)),
        ("drips", drips, Err(OutgoingError::Timeout)),
        ("floods", floods, Err(OutgoingError::TooLong)),
        ("closes", closes, Err(OutgoingError::Unreachable)),
        ("babbles", babbles, Err(OutgoingError::Unreachable)),
    ] {
        let (port, _) = server(play);
        let begun = Instant::now();
        assert_eq!(
            post(&here, &format!("http://127.0.0.1:{port}/")).await,
            expected,
            "{what}"
        );
        assert!(begun.elapsed() < Duration::from_secs(10), "{what} held it up");
    }
    let redirects = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = redirects.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = redirects.accept().unwrap();
        read_head(&mut stream).unwrap();
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    });
    assert_eq!(post(&here, &format!("http://127.0.0.1:{port}/")).await, Ok(302));
    assert_eq!(met.load(Ordering::SeqCst), 0, "it followed a redirect");
}

#[actix_web::test]
async fn a_certificate_that_nobody_vouches_for_is_worth_nothing() {
    let der = |text: &str| STANDARD.decode(text.split_whitespace().collect::<String>()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(der(CERTIFICATE))],
            PrivateKeyDer::Pkcs8(der(KEY).into()),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut tls = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::Stream::new(&mut tls, &mut stream);
        stream.read(&mut [0; 1024]).unwrap_or_default()
    });
    let refused = post(&client(&["127.0.0.0/8"]), &format!("https://127.0.0.1:{port}/")).await;
    assert_eq!(refused, Err(OutgoingError::Unreachable));
    assert_eq!(served.join().unwrap(), 0, "the request was told to whoever pretends");
}
