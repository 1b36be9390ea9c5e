//! Small documents: what is an export, what is well-formed, which characters are text.

use std::io;

use super::*;

#[test]
fn other_documents_are_refused() {
    assert_refused(b"", 1, "holds no XML element");
    assert_refused(b"\n\nhello", 3, "outside of the document");
    assert_refused(b"<html></html>", 1, "it is <html>, not <rss>");
    assert_refused(b"<rss>\n</rss>", 2, "has no <channel>");
    assert_refused(
        b"<rss><channel>\n<item><title/></item></channel></rss>",
        2,
        "no wxr_version",
    );
    assert_refused(b"<rss><channel>\n</channel></rss>", 2, "no wxr_version");
    let of_version = |version: &str| document("").replace("1.2<", &format!("{version}<"));
    assert_refused(
        of_version("2.0").as_bytes(),
        1,
        "version \"2.0\"; 1.0, 1.1 and 1.2 can be read",
    );
    assert_refused(of_version("").as_bytes(), 1, "version \"\"");
    assert_refused(
        document("").replace("export/1.2", "export/1.3").as_bytes(),
        1,
        "version \"1.3\"",
    );
    assert_refused(document("</channel>\n<channel>").as_bytes(), 3, "second <channel>");
}

#[test]
fn namespaces_count_not_prefixes() {
    let text = document("<item><wp:post_id>1</wp:post_id><content:encoded>é</content:encoded></item>")
        .replace("wp:", "w:")
        .replace(":wp", ":w")
        .replace("content:", "c:")
        .replace(":content", ":c")
        .replace("http://", "https://");
    let records = read_all(text.as_bytes()).unwrap();
    assert_eq!(items(&records).next().unwrap().content, "é");

    let foreign = item("<x:post_name xmlns:x='http://example.org/'>x</x:post_name><title xmlns='http://a/'>x</title>");
    assert_eq!(foreign.map(|item| (item.post_name, item.title)), Ok(Default::default()));
    let undeclared = item("<itunes:title>x</itunes:title>");
    assert_eq!(undeclared.map(|item| item.title), Ok(String::new()));
    assert_refused(
        b"<rss><channel>\n<wp:wxr_version/></channel></rss>",
        2,
        "xmlns:wp is missing",
    );
}

#[test]
fn ill_formed_documents_are_refused() {
    for (inside, line, part) in [
        (
            "\n<a></b>",
            3,
            "</b> stands where <a>, opened on line 3, is to be closed",
        ),
        ("\r\n<a>\r\n</a\n>\r\n</c>", 6, "</c> stands where <item>"),
        ("\n<a><![CDATA[x]] >", 3, "CDATA not closed"),
        ("\n<!-- x ->", 3, "comment not closed"),
        ("\n<!-- a -- b -->", 3, "`--`"),
        ("\n<a b='1' b='2'/>", 3, "duplicated attribute"),
        ("\n<a b=1/>", 3, "must be enclosed in"),
        ("\n<a b='<'/>", 3, "holds another <"),
        ("\n<a b='>a</a><a c='d='e'/>", 3, "holds another <"),
        ("\n1 < 2", 3, "no tag"),
        ("\na\n]]>", 4, "]]>"),
        ("\n&#0;", 3, "0x0 character is not permitted"),
        ("\n&#xD800;", 3, "not a valid codepoint"),
        ("\n<?xml version='1.0'?>", 3, "elsewhere than at the start"),
        ("\n<!ELEMENT a ANY>", 3, "broken"),
        ("\n<!DOCTYPE a>", 3, "DOCTYPE"),
    ] {
        assert_item_refused(inside, line, part);
    }
    assert_refused(
        b"<rss>\n<channel>\n<title>a",
        3,
        "the element opened on line 3 is closed: it is cut short",
    );
    assert_refused(b"<rss>\n<channel", 2, "tag not closed");
    assert_refused(b"\n</rss>", 2, "not open");
    for (after, part) in [
        ("x", "outside"),
        ("<rss/>", "after the end"),
        ("&amp;", "outside"),
        ("<![CDATA[x]]>", "outside"),
        ("</rss>", "not open"),
    ] {
        assert_refused(format!("{}\n{after}", document("")).as_bytes(), 3, part);
    }
    let around = format!("<!-- a --><?b c?>\n{}\n<!-- d --><?e?>\n", document(""));
    assert!(read_all(around.as_bytes()).is_ok());
}

fn places(count: u64, lines: &[u64]) -> MendedPlaces {
    MendedPlaces {
        count,
        lines: lines.to_vec(),
    }
}

#[test]
fn entities_of_html_and_stray_ampersands_are_read_and_counted() {
    let table = [
        (
            "Loi&nbsp;: adopt&eacute;e&mdash;enfin",
            "Loi\u{a0}: adoptée—enfin",
            3,
            0,
        ),
        ("Orange & MTN", "Orange & MTN", 0, 1),
        ("a && b", "a && b", 0, 2),
        ("?a=1&b=2;", "?a=1&b=2;", 0, 1),
        ("R & D; fin", "R & D; fin", 0, 1),
        ("&e; &notit; &AMP; &amp;nbsp; &#233;", "&e; &notit; & &nbsp; é", 1, 2),
        ("x &", "x &", 0, 1),
        ("&<![CDATA[&nbsp;]]>", "&&nbsp;", 0, 1),
    ];
    for (written, read, html_entities, stray_ampersands) in table {
        for quote in ["", "'"] {
            let record = match quote {
                "" => format!("<item><wp:post_id>1</wp:post_id>\n<title>{written}</title></item>"),
                _ if written.contains("CDATA") => continue,
                _ => format!("<item><wp:post_id>1</wp:post_id>\n<category domain='a' nicename='{written}'/></item>"),
            };
            let text = document(&record);
            let mut reader = WxrReader::new(text.as_bytes());
            reader.next_record().unwrap();
            let Ok(Some(WxrRecord::Item(item))) = reader.next_record() else {
                panic!("no item: {written}")
            };
            let found = item.categories.first().map_or(&item.title, |term| &term.nicename);
            assert_eq!(found, read, "{written}");
            let lines = |count| if count > 0 { places(count, &[3]) } else { places(0, &[]) };
            assert_eq!(reader.mendings().html_entities, lines(html_entities), "{written}");
            assert_eq!(reader.mendings().stray_ampersands, lines(stray_ampersands), "{written}");
            assert_eq!(reader.next_record(), Ok(None));
        }
    }
    // What is wrong after it is found all the same, on its line.
    assert_item_refused("<title>a & b &nbsp;</title>\n<a></b>", 3, "</b> stands where <a>");
}

#[test]
fn what_is_blank_before_the_declaration_is_passed_over() {
    let declared = format!("<?xml version=\"1.0\"?>\n{}", document("<generator/>"));
    for (before, count) in [
        ("", 0),
        ("\u{feff}", 0),
        ("\n\n", 2),
        (" \r\n\u{feff}\t", 4),
        ("\u{feff}\n", 1),
    ] {
        let text = format!("{before}{declared}");
        let mut reader = WxrReader::new(text.as_bytes());
        while reader.next_record().unwrap().is_some() {}
        assert_eq!(reader.mendings().blank_start.count, count, "{before:?}");
        assert_eq!(reader.bytes_read(), text.len() as u64);
    }
    assert_refused(format!("\n\n{declared}<x/>").as_bytes(), 5, "after the end");
    assert_refused(format!("\nx\n{declared}").as_bytes(), 2, "outside of the document");
}

#[test]
fn entities_are_never_declared() {
    let laughs = "<!DOCTYPE lolz [\n<!ENTITY a \"ha\">\n<!ENTITY b \"&a;&a;\">\n]>\n";
    assert_refused(
        format!("<?xml version=\"1.0\"?>\n{laughs}{}", document("&b;")).as_bytes(),
        2,
        "DOCTYPE",
    );
    assert_refused(
        format!("<!DOCTYPE rss SYSTEM \"file:///etc/passwd\">{}", document("")).as_bytes(),
        1,
        "DOCTYPE",
    );
}

#[test]
fn declarations_are_checked() {
    let with = |declaration: &str| read_all(format!("{declaration}{}", document("")).as_bytes()).map(|_| ());
    for good in [
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n",
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"US-ASCII\"?>",
        " <?xml version=\"1.0\"?>",
    ] {
        assert_eq!(with(good), Ok(()), "{good}");
    }
    for (bad, part) in [
        (
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
            "encoding ISO-8859-1; only UTF-8",
        ),
        ("<?xml version=\"2.0\"?>", "version"),
        ("<?xml encoding=\"UTF-8\"?>", "version"),
    ] {
        let error = with(bad).unwrap_err();
        assert!(error.message.contains(part), "{bad}: {error}");
    }
}

#[test]
fn other_encodings_are_refused() {
    assert_refused(b"\xFF\xFE<\0r\0", 1, "UTF-16");
    assert_refused(b"\xFE\xFF\0<", 1, "UTF-16");
    assert_refused(b"<\0r\0s\0s\0", 1, "U+0000");
    assert_refused(b"\x1F\x8B\x08\x00", 1, "gzip");
    assert_refused(b"PK\x03\x04....", 1, "zip");
    let with = |bytes: &[u8]| [b"<rss>\n\n", bytes, b"</rss>"].concat();
    assert_refused(&with(b"caf\xE9 "), 3, "not UTF-8");
    assert_refused(&with(b"\xC0\x80"), 3, "not UTF-8");
    assert_refused(&with(b"\xED\xA0\x80"), 3, "not UTF-8");
    assert_refused(&with(b"a\0"), 3, "U+0000");
    assert_refused(b"<rss>\n\xC3", 2, "not UTF-8");
}

#[test]
fn forbidden_characters_are_dropped_and_counted() {
    let text =
        document("<item><wp:post_id>1</wp:post_id><title>a\u{1}&#2;<![CDATA[\u{1F}\u{FFFF}b]]>\t</title></item>");
    let mut reader = WxrReader::new(text.as_bytes());
    reader.next_record().unwrap();
    let Ok(Some(WxrRecord::Item(item))) = reader.next_record() else {
        panic!("no item")
    };
    assert_eq!(item.title, "ab");
    assert_eq!(reader.mendings().dropped_characters, places(4, &[2]));
}

#[test]
fn text_is_joined() {
    let content = |inside: &str| {
        item(&format!("<content:encoded>{inside}</content:encoded>"))
            .unwrap()
            .content
    };
    assert_eq!(content("<![CDATA[a]]]]><![CDATA[>b]]>"), "a]]>b");
    assert_eq!(
        content("a&lt;<!-- x --><![CDATA[&lt;]]>&#xe9;<?p i?>\r\n&#13;"),
        "a<&lt;é\n\r"
    );
    assert_eq!(content("<![CDATA[]]>"), "");
    assert_eq!(content("<![CDATA[ <p>\r\n\r</p> ]]>"), " <p>\n\n</p> ");
}

#[test]
fn attribute_values_are_cleaned() {
    let nicename = "a\r\n\tb &lt;&#233;&#1;\u{2}c";
    let item = item(&format!("<category domain='tag' nicename='{nicename}'/>")).unwrap();
    assert_eq!(item.categories[0].nicename, "a  b <éc");
}

/// Gives one byte at a time, and is interrupted in between.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let amount = out.len().min(1);
        self.0.read(&mut out[..amount])
    }
}

#[test]
fn cuts_between_reads_do_not_show() {
    let text = document("<item><wp:post_id>1</wp:post_id><title>é<![CDATA[😀]]]]><![CDATA[>]]>&amp;</title></item>");
    let text = format!("\u{FEFF}<?xml version='1.0'?>{text}");
    assert_eq!(read_all(Trickle(text.as_bytes(), false)), read_all(text.as_bytes()));
    assert!(read_all(text.as_bytes()).is_ok());
    assert_refused(b"<rss>\n\xC3", 2, "not UTF-8");
    let error = read_all(Trickle(b"<rss>\n\xF0\x9F\x98", false)).unwrap_err();
    assert_eq!((error.line, error.message.contains("not UTF-8")), (2, true), "{error}");
}

#[test]
fn a_failing_disk_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let error = read_all(b"<rss>\n".chain(Broken)).unwrap_err();
    assert_eq!(error, WxrError::new(2, "The file cannot be read: the disk is gone."));
}
