//! Who is calling: the network address (behind trusted proxies only the forwarded one) and a
//! reader's token.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv6Addr};

use actix_web::dev::{Payload, RequestHead};
use actix_web::{FromRequest, HttpRequest, web};
use ipnet::IpNet;

use crate::base::error::{Code, Error, Result};
use crate::base::secrets::{self, KeyPurpose, Secrets};

/// Proxies whose forwarding headers are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// The client's address: the peer's, or, where the peer is a trusted proxy, the last address of `X-Forwarded-For`
    /// that is not a trusted proxy's.
    pub fn client_address(&self, head: &RequestHead) -> Option<IpAddr> {
        let peer = head.peer_addr?.ip().to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let forwarded = head
            .headers
            .get_all("x-forwarded-for")
            .filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut address = peer;
        for hop in hops.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        Some(address)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// The network that limits count by: an IPv4 address, an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self(address),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }
}

impl FromRequest for Network {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proxies = request.app_data::<web::Data<TrustedProxies>>();
        let address = proxies.and_then(|proxies| proxies.client_address(request.head()));
        // Without a peer (a request made in process) all share one network.
        ready(Ok(Self::of(address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))))
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The address of whoever sent the request; `None` for one that is made in process.
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequest for ClientAddress {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proxies = request.app_data::<web::Data<TrustedProxies>>();
        ready(Ok(Self(
            proxies.and_then(|proxies| proxies.client_address(request.head())),
        )))
    }
}

/// The reader who sent a genuine `X-Reader-Token`, known by its digest only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// SHA-256 of the token, base64url.
    pub digest: String,
}

/// The reader, where the request names one.
pub struct MaybeReader(pub Option<Reader>);

/// The header that carries a reader's token.
pub const READER_TOKEN: &str = "X-Reader-Token";

impl FromRequest for MaybeReader {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get(READER_TOKEN) else {
            return ready(Ok(Self(None)));
        };
        let secrets = request.app_data::<web::Data<Secrets>>();
        let token = header.to_str().unwrap_or_default();
        let genuine = secrets.is_some_and(|secrets| secrets.verify_token(KeyPurpose::ReaderTokens, token));
        ready(if genuine {
            Ok(Self(Some(Reader {
                digest: secrets::sha256(token.as_bytes()),
            })))
        } else {
            Err(Error::new(Code::InvalidHeader)
                .with("name", READER_TOKEN)
                .with("expected", "a token from /v1/captcha"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_its_first_64_bits() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn forwarding_headers_count_only_behind_a_trusted_proxy() {
        let request = |peer: &str, forwarded: &str| {
            actix_web::test::TestRequest::default()
                .peer_addr(format!("{peer}:1").parse().unwrap())
                .insert_header(("x-forwarded-for", forwarded))
                .to_http_request()
        };
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let address = |peer, forwarded| {
            proxies
                .client_address(request(peer, forwarded).head())
                .unwrap()
                .to_string()
        };
        assert_eq!(address("192.0.2.9", "203.0.113.5"), "192.0.2.9");
        assert_eq!(address("10.0.0.1", "203.0.113.5"), "203.0.113.5");
        assert_eq!(address("10.0.0.1", "1.1.1.1, 203.0.113.5, 10.0.0.2"), "203.0.113.5");
        assert_eq!(address("10.0.0.1", "nonsense"), "10.0.0.1");
    }
}
