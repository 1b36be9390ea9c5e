//! Which addresses may be asked. A URL that somebody gives may name this machine, its network, or the cloud's store of
//! secrets: by number, by a name that leads there, or by one that leads elsewhere the first time it is looked up. So
//! addresses are checked as they are looked up, and the connection goes to those that were checked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Networks that may be asked although not everybody can reach them, and without TLS.
#[derive(Clone, Debug, Default)]
pub struct AllowedNetworks(pub Vec<IpNet>);

impl AllowedNetworks {
    /// Whether this URL may be asked, as far as that can be told without looking its name up.
    ///
    /// # Errors
    /// Why it may not.
    pub fn judge(&self, url: &Uri) -> Result<(), RefusedTarget> {
        let is_encrypted = url.scheme_str() == Some("https");
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        if url
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(RefusedTarget::NamesUser);
        }
        match host.parse() {
            Ok(address) => check(self, is_encrypted, address),
            Err(_) if is_encrypted || (url.scheme_str() == Some("http") && !self.0.is_empty()) => Ok(()),
            Err(_) => Err(RefusedTarget::NotEncrypted),
        }
    }

    fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Why something may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedTarget {
    /// Its address is not one that everybody can reach.
    NotPublic,
    /// It would be asked without TLS.
    NotEncrypted,
    /// The URL names a user.
    NamesUser,
}

impl std::fmt::Display for RefusedTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotPublic => "its address is not public, and MASTHEAD_OUTGOING_ALLOW does not name it",
            Self::NotEncrypted => "it has no TLS, and MASTHEAD_OUTGOING_ALLOW does not name its address",
            Self::NamesUser => "its URL names a user",
        })
    }
}

impl std::error::Error for RefusedTarget {}

/// Looks names up, and gives out nothing that may not be asked.
#[derive(Debug)]
pub(super) struct GuardedResolver {
    allowed: AllowedNetworks,
    inner: DefaultResolver,
}

impl GuardedResolver {
    pub(super) fn new(allowed: AllowedNetworks) -> Self {
        Self {
            allowed,
            inner: DefaultResolver::default(),
        }
    }
}

impl Resolver for GuardedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let refuse = |why: RefusedTarget| ureq::Error::Other(Box::new(why));
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(refuse(RefusedTarget::NamesUser));
        }
        let found = self.inner.resolve(uri, config, timeout)?;
        // All of them: where a name leads here and there, the next look-up may choose.
        for address in found.iter().map(|address| address.ip()) {
            check(&self.allowed, uri.scheme_str() == Some("https"), address).map_err(refuse)?;
        }
        Ok(found)
    }
}

/// Whether this address may be asked, with TLS or without.
fn check(allowed: &AllowedNetworks, is_encrypted: bool, address: IpAddr) -> Result<(), RefusedTarget> {
    if allowed.allow(address) {
        return Ok(());
    }
    if !is_public(address) {
        return Err(RefusedTarget::NotPublic);
    }
    if is_encrypted {
        Ok(())
    } else {
        Err(RefusedTarget::NotEncrypted)
    }
}

/// Whether everybody on the internet can reach this address.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// By IANA's registry of special addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        // This network; loopback; multicast, reserved, broadcast.
        [0 | 127 | 224..=255, ..] => true,
        // Private; shared by providers; link-local, where clouds keep secrets.
        [10, ..] | [192, 168, ..] | [169, 254, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        [100, second, ..] => (64..128).contains(&second),
        // Protocols; documentation; relays of 6to4; benchmarks.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        _ => false,
    };
    !is_special
}

/// Of IPv6 only what is given out is public. What holds an IPv4 address is as public as that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Mapped (::ffff:0:0/96), and by the translators that everybody has (64:ff9b::/96).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        // 6to4; Teredo, whose server is looked at, and whose client stands in it upside down.
        [0x2002, high, low, ..] => v4(high, low),
        [0x2001, 0, high, low, _, _, client_high, client_low] => v4(high, low) && v4(!client_high, !client_low),
        // Protocols; documentation.
        [0x2001, second, ..] if second < 0x200 => false,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs;

    use super::*;

    fn outcome(allowed: &AllowedNetworks, scheme: &str, host: &str) -> Result<(), RefusedTarget> {
        // As the client does it: by the system, which reads numbers in many forms.
        let mut found = (host, 443).to_socket_addrs().unwrap().map(|address| address.ip());
        found.try_for_each(|address| check(allowed, scheme == "https", address))
    }

    #[test]
    fn only_what_everybody_can_reach_is_asked() {
        let nothing = AllowedNetworks::default();
        for host in [
            "127.0.0.1",
            "127.255.255.254",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "0",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "2852039166",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "2001:0:7f00:1::1",
            "2001:0:808:808::80ff:fffe",
            "2001:db8::1",
            "2001:2::1",
            "3fff::1",
            "4000::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "localhost",
        ] {
            assert_eq!(
                outcome(&nothing, "https", host),
                Err(RefusedTarget::NotPublic),
                "{host}"
            );
        }
        for host in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2606:4700:4700::1111",
            "2a00:1450:4007::1",
        ] {
            assert_eq!(outcome(&nothing, "https", host), Ok(()), "{host}");
            assert_eq!(
                outcome(&nothing, "http", host),
                Err(RefusedTarget::NotEncrypted),
                "{host}"
            );
        }
    }

    #[test]
    fn what_the_operator_allows_is_asked_in_any_form_and_nothing_beside_it() {
        let allowed = AllowedNetworks(vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for host in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1"] {
            for scheme in ["http", "https"] {
                assert_eq!(outcome(&allowed, scheme, host), Ok(()), "{scheme} {host}");
            }
        }
        for host in ["10.2.0.1", "127.0.0.1", "fe80::1"] {
            assert_eq!(
                outcome(&allowed, "https", host),
                Err(RefusedTarget::NotPublic),
                "{host}"
            );
        }
    }
}
