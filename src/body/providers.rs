//! The sites whose pages are embedded rather than linked.

use ammonia::Url;

/// Hosts, each with all below it, and the name to show.
const PROVIDERS: &[(&str, &str)] = &[
    ("youtube.com", "YouTube"),
    ("youtube-nocookie.com", "YouTube"),
    ("youtu.be", "YouTube"),
    ("vimeo.com", "Vimeo"),
    ("dailymotion.com", "Dailymotion"),
    ("dai.ly", "Dailymotion"),
    ("twitch.tv", "Twitch"),
    ("twitter.com", "X"),
    ("x.com", "X"),
    ("facebook.com", "Facebook"),
    ("fb.watch", "Facebook"),
    ("instagram.com", "Instagram"),
    ("threads.net", "Threads"),
    ("bsky.app", "Bluesky"),
    ("tiktok.com", "TikTok"),
    ("linkedin.com", "LinkedIn"),
    ("pinterest.com", "Pinterest"),
    ("reddit.com", "Reddit"),
    ("t.me", "Telegram"),
    ("soundcloud.com", "SoundCloud"),
    ("spotify.com", "Spotify"),
    ("deezer.com", "Deezer"),
    ("acast.com", "Acast"),
    ("ausha.co", "Ausha"),
    ("flickr.com", "Flickr"),
    ("slideshare.net", "SlideShare"),
    ("issuu.com", "Issuu"),
    ("calameo.com", "Calaméo"),
    ("scribd.com", "Scribd"),
    ("ted.com", "TED"),
    ("datawrapper.dwcdn.net", "Datawrapper"),
    ("infogram.com", "Infogram"),
    ("flourish.studio", "Flourish"),
];

/// The site's name, if pages of this address are embedded: a page, not the site's front page.
pub fn provider(url: &str) -> Option<&'static str> {
    let url = Url::parse(url).ok()?;
    let name = provider_of_host(url.host_str()?)?;
    (url.path().len() > 1).then_some(name)
}

/// The name of the site whose host this is.
pub fn provider_of_host(host: &str) -> Option<&'static str> {
    let is_on = |site: &str| {
        host.strip_suffix(site)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let (_, name) = PROVIDERS.iter().find(|(site, _)| is_on(site))?;
    Some(name)
}

/// The page that a shortcode means by a bare id.
pub fn page_of(shortcode: &str, id: &str) -> Option<String> {
    let fits = !id.is_empty()
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let prefix = match shortcode {
        "youtube" => "https://www.youtube.com/watch?v=",
        "vimeo" => "https://vimeo.com/",
        "dailymotion" => "https://www.dailymotion.com/video/",
        "tweet" | "twitter" => "https://twitter.com/i/status/",
        "instagram" => "https://www.instagram.com/p/",
        _ => return None,
    };
    fits.then(|| format!("{prefix}{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_known_by_its_host_and_not_by_a_look_alike() {
        assert_eq!(provider("https://www.youtube.com/watch?v=1"), Some("YouTube"));
        assert_eq!(provider("https://youtu.be/1"), Some("YouTube"));
        assert_eq!(provider("https://notx.com/status/1"), None);
        assert_eq!(provider("https://youtube.com.example.fr/1"), None);
        assert_eq!(provider("https://www.facebook.com/"), None);
    }
}
