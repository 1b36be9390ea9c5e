//! An export of any size, made while it is read.

use std::fmt::Write;
use std::io::{self, Read};

const HEAD: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<rss version=\"2.0\" xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\"\n",
    " xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n",
    " xmlns:wp=\"http://wordpress.org/export/1.2/\">\n<channel><title>L’Écho</title>\n",
    "<wp:wxr_version>1.2</wp:wxr_version>\n",
);
const TAIL: &str = "</channel>\n</rss>\n";
const PARAGRAPH: &str =
    "<p>« Où est passé l’été ? », demande-t-on à Besançon, où l’œil du cyclone a déçu 1 200 touristes.</p>\n";

/// Comments of each item.
pub(super) const COMMENTS: usize = 5;

/// A reader of at least so many bytes of export.
pub(super) struct Synthetic {
    bytes: u64,
    made: u64,
    pub(super) items: u64,
    ready: Vec<u8>,
    at: usize,
    is_done: bool,
}

impl Synthetic {
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            bytes,
            made: 0,
            items: 0,
            ready: HEAD.into(),
            at: 0,
            is_done: false,
        }
    }

    fn make(&mut self) {
        self.made += self.ready.len() as u64;
        if self.is_done {
            self.ready.clear();
        } else if self.made < self.bytes {
            self.items += 1;
            self.ready = item(self.items).into();
        } else {
            self.is_done = true;
            self.ready = TAIL.into();
        }
        self.at = 0;
    }
}

/// An item of 20 to 90 paragraphs, with a custom field as page builders make them, and comments.
fn item(id: u64) -> String {
    let content = PARAGRAPH.repeat(20 + (id * 7 % 71) as usize);
    let mut item = format!(
        "<item>\n<title><![CDATA[Article n° {id}]]></title><link>https://example.org/?p={id}&amp;x=1</link>\n\
         <dc:creator>anne</dc:creator><content:encoded><![CDATA[{content}]]></content:encoded>\n\
         <wp:post_id>{id}</wp:post_id><wp:post_date>2024-07-14 12:00:00</wp:post_date>\n\
         <wp:post_date_gmt>2024-07-14 10:00:00</wp:post_date_gmt><wp:status>publish</wp:status>\n\
         <wp:post_type>post</wp:post_type><category domain=\"category\" nicename=\"a\"><![CDATA[A]]></category>\n\
         <wp:postmeta><wp:meta_key>_layout</wp:meta_key><wp:meta_value><![CDATA[{}]]></wp:meta_value></wp:postmeta>\n",
        "x".repeat(1000)
    );
    for number in 0..COMMENTS {
        let _ = writeln!(
            item,
            "<wp:comment><wp:comment_id>{}</wp:comment_id><wp:comment_author>Zoé</wp:comment_author>\
             <wp:comment_author_email>zoe@example.org</wp:comment_author_email>\
             <wp:comment_date_gmt>2024-07-14 10:00:00</wp:comment_date_gmt>\
             <wp:comment_content><![CDATA[{PARAGRAPH}]]></wp:comment_content>\
             <wp:comment_approved>1</wp:comment_approved></wp:comment>",
            id * 10 + number as u64
        );
    }
    item + "</item>\n"
}

impl Read for Synthetic {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.make();
        }
        let mut ready = &self.ready[self.at..];
        let read = ready.read(out)?;
        self.at += read;
        Ok(read)
    }
}
