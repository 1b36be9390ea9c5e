//! Small documents, and what is read from them.

use super::*;

#[test]
fn every_record_is_read() {
    let records = read_all(
        document(
            "<title>late</title>\
             <wp:author><wp:author_id>-3</wp:author_id><wp:author_login> zoé </wp:author_login>\
             <wp:author_email>zoe@example.org</wp:author_email>\
             <wp:author_display_name><![CDATA[Zoé B.]]></wp:author_display_name></wp:author>\
             <wp:author><wp:author_id/><wp:author_login/></wp:author>\
             <wp:category><wp:term_id>4</wp:term_id><wp:category_nicename>ville</wp:category_nicename>\
             <wp:category_parent>actu</wp:category_parent><wp:cat_name>La &amp; ville</wp:cat_name>\
             <wp:category_description>d</wp:category_description><wp:termmeta/></wp:category>\
             <wp:tag><wp:tag_slug>eau</wp:tag_slug><wp:tag_name>Eau</wp:tag_name></wp:tag>\
             <wp:term><wp:term_taxonomy>sujet</wp:term_taxonomy><wp:term_slug>s</wp:term_slug>\
             <wp:term_parent>p</wp:term_parent><wp:term_name>S</wp:term_name></wp:term>",
        )
        .as_bytes(),
    )
    .unwrap();
    let text = String::from;
    let site = WxrSite {
        title: text("late"),
        version: text("1.2"),
        ..WxrSite::default()
    };
    let author = WxrAuthor {
        author_id: Some(-3),
        login: text("zoé"),
        display_name: text("Zoé B."),
        ..WxrAuthor::default()
    };
    let (nicename, parent, name, description) = (text("ville"), text("actu"), text("La & ville"), text("d"));
    let category = WxrCategory {
        term_id: Some(4),
        nicename,
        parent,
        name,
        description,
    };
    let tag = WxrTag {
        slug: text("eau"),
        name: text("Eau"),
        ..WxrTag::default()
    };
    let (taxonomy, slug, parent, name) = (text("sujet"), text("s"), text("p"), text("S"));
    let term = WxrTerm {
        taxonomy,
        slug,
        parent,
        name,
        ..WxrTerm::default()
    };
    let wanted = [
        WxrRecord::Site(site),
        WxrRecord::Author(author),
        WxrRecord::Category(category),
        WxrRecord::Tag(tag),
        WxrRecord::Term(term),
    ];
    assert_eq!(records, wanted);
}

#[test]
fn an_export_may_be_empty() {
    let records = read_all(document("<generator/>").as_bytes()).unwrap();
    assert_eq!(records.iter().map(kind).collect::<Vec<_>>(), ["site"]);
}

#[test]
fn an_item_is_read() {
    let item = item(
        "<title> Été &#171; <![CDATA[<b>&amp;]]>\u{a0}</title><dc:creator>zoé</dc:creator>\
         <wp:post_date><![CDATA[2024-07-14 12:00:00]]></wp:post_date>\
         <wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>\
         <wp:post_modified_gmt>-0001-11-30 00:00:00</wp:post_modified_gmt>\
         <wp:post_parent/><wp:menu_order>-2</wp:menu_order><wp:post_password>secret</wp:post_password>\
         <wp:is_sticky>1</wp:is_sticky><category domain='category' nicename='a&amp;b'>A</category><category>A</category>\
         <wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>\
         <wp:postmeta><wp:meta_key>_other</wp:meta_key><wp:meta_value>8</wp:meta_value></wp:postmeta>\
         <wp:comment><wp:comment_id>5</wp:comment_id><wp:comment_author_email>a@b.c</wp:comment_author_email>\
         <wp:comment_author_IP>192.0.2.1</wp:comment_author_IP><wp:comment_author_url/>\
         <wp:comment_content> Bien\r\ndit </wp:comment_content>\
         <wp:commentmeta><wp:meta_key>k</wp:meta_key></wp:commentmeta>\
         <wp:comment_approved>post-trashed</wp:comment_approved></wp:comment>",
    )
    .unwrap();
    assert_eq!(item.line, 2);
    assert_eq!(item.title, "Été « <b>&amp;\u{a0}");
    assert!(matches!(item.gmt_or_local(), WxrDate::Local(_)));
    assert_eq!(item.post_modified_gmt, None);
    assert_eq!(
        (item.post_parent, item.menu_order, item.is_sticky, item.has_password),
        (0, -2, true, true)
    );
    assert_eq!(item.categories.len(), 1);
    assert_eq!(item.categories[0].nicename, "a&b");
    assert_eq!(item.meta, [("_thumbnail_id".to_owned(), "7".to_owned())]);
    let comment = &item.comments[0];
    assert_eq!(
        (comment.content.as_str(), comment.approved.as_str()),
        (" Bien\ndit ", "post-trashed")
    );
    assert_eq!(comment.author_url, None);
    let debug = format!("{item:?}");
    assert!(!debug.contains("secret") && !debug.contains("a@b.c") && !debug.contains("192.0.2.1"));
}

#[test]
fn bad_values_are_refused() {
    assert_refused(document("\n<item><title/></item>").as_bytes(), 3, "no wp:post_id");
    assert_refused(
        document("<item>\n<wp:post_id>x1</wp:post_id></item>").as_bytes(),
        3,
        "<post_id> is \"x1\"",
    );
    assert_refused(
        document("<item>\n<wp:post_id>\n</wp:post_id></item>").as_bytes(),
        3,
        "not a number above 0",
    );
    assert_item_refused("\n<wp:post_parent>a</wp:post_parent>", 3, "not a number");
    assert_item_refused("\n\n<wp:post_date>\n14 juillet</wp:post_date>", 4, "not a date");
    assert_item_refused("<wp:post_date>2024-02-30 00:00:00</wp:post_date>", 2, "not a date");
    assert_item_refused("\n<wp:comment><wp:comment_author/></wp:comment>", 3, "no wp:comment_id");
    assert_item_refused(
        "<title>\n<b>x</b></title>",
        3,
        "<b> stands in an element that may hold only text",
    );
}

#[test]
fn an_error_is_repeated() {
    let text = document("<item/>");
    let mut reader = WxrReader::new(text.as_bytes());
    assert!(reader.next_record().is_ok());
    let error = reader.next_record().unwrap_err();
    assert_eq!(reader.next_record(), Err(error));
}

#[test]
fn the_end_is_repeated_and_bytes_are_counted() {
    let text = format!("\u{FEFF}{}\n", document("<item><wp:post_id>1</wp:post_id></item>"));
    let mut reader = WxrReader::new(text.as_bytes());
    assert_eq!(reader.bytes_read(), 0);
    while reader.next_record().unwrap().is_some() {}
    assert_eq!(reader.next_record(), Ok(None));
    assert_eq!(reader.bytes_read(), text.len() as u64);
}
