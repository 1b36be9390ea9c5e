//! What becomes of a post's HTML.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::base::http::fields::read_body;
use crate::base::limits;
use crate::body::blocks::{block_list, plain_text};

fn policy() -> EmbedPolicy {
    EmbedPolicy::new(&["www.youtube.com".to_owned(), "player.vimeo.com".to_owned()])
}

/// The blocks in short: their type, then their members without id and nulls.
fn short(blocks: &[Block]) -> Vec<String> {
    let short = |block: &Block| {
        let mut members = json!(block);
        drop_nulls(&mut members);
        if let Value::Object(members) = &mut members {
            members.remove("id");
            members.remove("type");
        }
        format!("{} {members}", block.kind())
    };
    blocks.iter().map(short).collect()
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn convert(html: &str) -> (Vec<String>, String) {
    let attachment = |id| {
        let url = format!("https://a.fr/{id}.jpg");
        (id < 100).then(|| Image {
            url,
            ..Image::default()
        })
    };
    let context = PostContext {
        attachment: &attachment,
        ..PostContext::NONE
    };
    let converted = blocks_from_html_with(html, &policy(), &context);
    assert_readable(&converted.blocks, html);
    let lost: Vec<String> = converted
        .lost
        .iter()
        .map(|lost| format!("{} {}", lost.what, lost.count))
        .collect();
    (short(&converted.blocks), lost.join(", "))
}

/// The API takes the blocks as they are.
fn assert_readable(blocks: &[Block], source: &str) {
    let policy = policy();
    let body = json!({ "blocks": blocks });
    let read = read_body(body, |members| members.required("blocks", block_list(&policy)));
    let shown: String = source.chars().take(200).collect();
    match read {
        Ok(read) => assert_eq!(folded(&read), folded(blocks), "{shown}"),
        Err(error) => panic!("{error}: {shown}"),
    }
}

/// `line` folds no-break spaces; that is no concern of this test.
fn folded(blocks: &[Block]) -> String {
    json!(blocks)
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn check(cases: &[(&str, &[&str], &str)]) {
    for (html, expected, lost) in cases {
        let (blocks, found) = convert(html);
        assert_eq!(blocks, *expected, "{html}");
        assert_eq!(found, *lost, "{html}");
    }
}

#[test]
fn classic_text_becomes_paragraphs_as_wordpress_shows_it() {
    check(&[
        (
            "Un\n\nDeux\ntrois",
            &[r#"paragraph {"html":"Un"}"#, r#"paragraph {"html":"Deux<br>trois"}"#],
            "",
        ),
        (
            "a<br />\nb<br/><br/>c",
            &[r#"paragraph {"html":"a<br>b"}"#, r#"paragraph {"html":"c"}"#],
            "",
        ),
        (
            "<em>a\n\nb</em> c",
            &[
                r#"paragraph {"html":"<em>a</em>"}"#,
                r#"paragraph {"html":"<em>b</em> c"}"#,
            ],
            "",
        ),
        (
            "<p>a</p>\n\n<p>&nbsp;</p>\n<p>b<p>c",
            &[
                r#"paragraph {"html":"a"}"#,
                r#"paragraph {"html":"b"}"#,
                r#"paragraph {"html":"c"}"#,
            ],
            "",
        ),
        (
            "a<!--more Lire la suite-->b<!--nextpage-->",
            &[r#"paragraph {"html":"ab"}"#],
            "",
        ),
        (
            "<h1>T <b>x</b></h1>suite<hr>",
            &[
                r#"heading {"level":2,"text":"T x"}"#,
                r#"paragraph {"html":"suite"}"#,
                "divider {}",
            ],
            "",
        ),
        (
            "1 < 2 &amp; caf&eacute;&hellip;",
            &[r#"paragraph {"html":"1 &lt; 2 &amp; café…"}"#],
            "",
        ),
        (
            "<div><div>a</div><section>b</section></div>",
            &[r#"paragraph {"html":"a"}"#, r#"paragraph {"html":"b"}"#],
            "",
        ),
        (
            "<font><span style=x>a</span></font><strike>b</strike>",
            &[r#"paragraph {"html":"a<s>b</s>"}"#],
            "",
        ),
        (
            "<pre>a\n  b</pre>",
            &[r#"paragraph {"html":"<code>a<br>&nbsp; b</code>"}"#],
            "",
        ),
    ]);
}

#[test]
fn quotes_lists_and_tables_keep_their_structure() {
    check(&[
        (
            "<blockquote><p>a</p><p>b</p><cite>— Moi</cite></blockquote>",
            &[r#"quote {"attribution":"Moi","html":"<p>a</p><p>b</p>"}"#],
            "",
        ),
        (
            "<blockquote>a<ul><li>x</li></ul>b</blockquote>",
            &[
                r#"quote {"html":"<p>a</p>"}"#,
                r#"list {"is_ordered":false,"items":["x"]}"#,
                r#"quote {"html":"<p>b</p>"}"#,
            ],
            "",
        ),
        (
            "<ol><li>a<ul><li>b<li>c</ul><li><p>d</p><p>e</p></ol>",
            &[r#"list {"is_ordered":true,"items":["a<ul><li>b</li><li>c</li></ul>","d<br>e"]}"#],
            "",
        ),
        (
            "<ul><li>a</li><ul><li>b</li></ul></ul>",
            &[r#"list {"is_ordered":false,"items":["a<ul><li>b</li></ul>"]}"#],
            "",
        ),
        (
            "<ul><li>a <img src=https://a.fr/x.jpg></li></ul>",
            &[
                r#"list {"is_ordered":false,"items":["a"]}"#,
                r#"image {"image":{"url":"https://a.fr/x.jpg"}}"#,
            ],
            "",
        ),
        (
            "<dl><dt>T</dt><dd>d</dd></dl>",
            &[r#"list {"is_ordered":false,"items":["<strong>T</strong><br>d"]}"#],
            "",
        ),
        (
            "<table><caption>C</caption><tr><th>A<th>B<tr><td colspan=2>x<tr><td rowspan=2>y<td>z<tr><td>w</table>",
            &[r#"table {"caption":"C","header":["A","B"],"rows":[["x",""],["y","z"],["","w"]]}"#],
            "table_cell_merged 2",
        ),
        (
            "<table><tr><td>seul</td></tr></table>",
            &[r#"paragraph {"html":"seul"}"#],
            "",
        ),
    ]);
}

#[test]
fn pictures_and_players_become_blocks_with_their_captions() {
    let picture = r#"image {"image":{"alt":"A","caption":"L","height":2,"url":"https://a.fr/x.jpg","width":3}}"#;
    check(&[
        (
            "<figure><a href=https://a.fr/x.jpg><img src=https://a.fr/x.jpg alt=A width=3 height=2></a><figcaption>L</figcaption></figure>",
            &[picture],
            "",
        ),
        (
            "[caption id=\"attachment_1\" width=\"3\"]<img src=\"https://a.fr/x.jpg\" alt=\"A\" width=\"3\" height=\"2\" /> L[/caption]",
            &[picture],
            "",
        ),
        (
            "a <img src=http://a.fr/x.jpg> b",
            &[
                r#"paragraph {"html":"a b"}"#,
                r#"image {"image":{"url":"https://a.fr/x.jpg"}}"#,
            ],
            "image_upgraded_to_https 1",
        ),
        ("<img src=data:image/png;base64,xx>", &[], "image_data_uri 1"),
        (
            "<img src=\"data:x\" data-src=\"//a.fr/x.jpg\"><noscript><img src=\"https://a.fr/x.jpg\"></noscript>",
            &[r#"image {"image":{"url":"https://a.fr/x.jpg"}}"#],
            "",
        ),
        (
            "bien <img class=wp-smiley alt=😀 src=https://s.w.org/x.png>",
            &[r#"paragraph {"html":"bien 😀"}"#],
            "",
        ),
        (
            "<a href=https://b.fr/><img src=https://a.fr/x.jpg></a>",
            &[r#"image {"image":{"url":"https://a.fr/x.jpg"}}"#],
            "image_link 1",
        ),
        (
            "<video poster=https://a.fr/p.jpg><source src=https://a.fr/x.mp4>non</video>",
            &[r#"video {"poster":{"url":"https://a.fr/p.jpg"},"url":"https://a.fr/x.mp4"}"#][..],
            "",
        ),
        (
            "<iframe src=\"//www.youtube.com/embed/1\"></iframe>",
            &[r#"embed {"provider":"YouTube","url":"https://www.youtube.com/embed/1"}"#],
            "",
        ),
        (
            "<iframe src=https://b.fr/carte title=Carte>x</iframe>",
            &[r#"paragraph {"html":"<a href=\"https://b.fr/carte\">Carte</a>"}"#],
            "iframe 1",
        ),
        (
            "<blockquote class=\"twitter-tweet\"><p>t</p><a href=\"https://twitter.com/a/status/1\">d</a></blockquote><script src=\"https://platform.twitter.com/widgets.js\"></script>",
            &[r#"embed {"provider":"X","url":"https://twitter.com/a/status/1"}"#],
            "embed_fallback_text 1",
        ),
        (
            "a<script>x</script><style>y</style>",
            &[r#"paragraph {"html":"a"}"#],
            "script 1, style 1",
        ),
    ]);
}

#[test]
fn shortcodes_become_blocks_or_are_counted_and_brackets_stay_text() {
    check(&[
        (
            "[gallery ids=\"1,2,100\"]",
            &[r#"gallery {"images":[{"url":"https://a.fr/1.jpg"},{"url":"https://a.fr/2.jpg"}]}"#],
            "gallery_image 1",
        ),
        ("[gallery]", &[], "shortcode:gallery 1"),
        (
            "[vc_custom_heading text=\"Le titre\"][vc_single_image image=\"4\"][vc_gallery images=\"1,2\"]",
            &[
                r#"heading {"level":2,"text":"Le titre"}"#,
                r#"image {"image":{"url":"https://a.fr/4.jpg"}}"#,
                r#"gallery {"images":[{"url":"https://a.fr/1.jpg"},{"url":"https://a.fr/2.jpg"}]}"#,
            ],
            "",
        ),
        (
            "[vc_video link=\"https://vimeo.com/1\"][et_pb_image src=\"https://a.fr/x.jpg\"][vc_single_image image=\"500\"]",
            &[
                r#"embed {"provider":"Vimeo","url":"https://vimeo.com/1"}"#,
                r#"image {"image":{"url":"https://a.fr/x.jpg"}}"#,
            ],
            "shortcode:vc_single_image 1",
        ),
        (
            "Avant.[vc_raw_html el_class=\"x\"]JTNDcCUzRUJvbmpvdXIlM0MlMkZwJTNF[/vc_raw_html]Après.",
            &[
                r#"paragraph {"html":"Avant."}"#,
                r#"paragraph {"html":"Bonjour"}"#,
                r#"paragraph {"html":"Après."}"#,
            ],
            "",
        ),
        (
            "[fusion_code]PHA+w4l0w6k8L3A+[/fusion_code][vc_raw_js]JTNDc2NyaXB0JTNF[/vc_raw_js][vc_raw_html]!![/vc_raw_html]",
            &[r#"paragraph {"html":"Été"}"#],
            "shortcode:vc_raw_html 1, shortcode:vc_raw_js 1",
        ),
        (
            "[embed width=\"1\"]https://vimeo.com/1[/embed]",
            &[r#"embed {"provider":"Vimeo","url":"https://vimeo.com/1"}"#],
            "",
        ),
        (
            "[audio mp3=\"https://a.fr/x.mp3\"][/audio]fin",
            &[r#"audio {"url":"https://a.fr/x.mp3"}"#, r#"paragraph {"html":"fin"}"#],
            "",
        ),
        (
            "[video mp4=\"https://a.fr/x.mp4\" poster=\"https://a.fr/p.jpg\"]",
            &[r#"video {"poster":{"url":"https://a.fr/p.jpg"},"url":"https://a.fr/x.mp4"}"#],
            "",
        ),
        (
            "[youtube https://www.youtube.com/watch?v=1&amp;t=2]",
            &[r#"embed {"provider":"YouTube","url":"https://www.youtube.com/watch?v=1&t=2"}"#],
            "",
        ),
        (
            "[vimeo 12]",
            &[r#"embed {"provider":"Vimeo","url":"https://vimeo.com/12"}"#],
            "",
        ),
        (
            "a\nhttps://youtu.be/1\nb",
            &[
                r#"paragraph {"html":"a"}"#,
                r#"embed {"provider":"YouTube","url":"https://youtu.be/1"}"#,
                r#"paragraph {"html":"b"}"#,
            ],
            "",
        ),
        (
            "https://exemple.fr/page",
            &[r#"paragraph {"html":"<a href=\"https://exemple.fr/page\">https://exemple.fr/page</a>"}"#],
            "",
        ),
        (
            "[toc depth=\"2\"][box]dedans[/box]",
            &[r#"paragraph {"html":"dedans"}"#],
            "shortcode:box 1, shortcode:toc 1",
        ),
        (
            "il dit [sic] que [[caption]] et [1] [Mise à jour]",
            &[r#"paragraph {"html":"il dit [sic] que [caption] et [1] [Mise à jour]"}"#],
            "",
        ),
    ]);
}

#[test]
fn gutenberg_blocks_become_ours() {
    check(&[
        (
            "<!-- wp:paragraph {\"align\":\"left\"} -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->\n\nclassique\n\nsuite",
            &[
                r#"paragraph {"html":"a b"}"#,
                r#"paragraph {"html":"classique"}"#,
                r#"paragraph {"html":"suite"}"#,
            ],
            "",
        ),
        (
            "<!-- wp:group --><div><!-- wp:columns --><div><!-- wp:heading {\"level\":3} --><h3>T</h3><!-- /wp:heading --></div><!-- /wp:columns --></div><!-- /wp:group -->",
            &[r#"heading {"level":3,"text":"T"}"#],
            "",
        ),
        (
            "<!-- wp:list --><ul><!-- wp:list-item --><li>a<!-- wp:list --><ul><!-- wp:list-item --><li>b</li><!-- /wp:list-item --></ul><!-- /wp:list --></li><!-- /wp:list-item --></ul><!-- /wp:list -->",
            &[r#"list {"is_ordered":false,"items":["a<ul><li>b</li></ul>"]}"#],
            "",
        ),
        (
            "<!-- wp:gallery --><figure class=\"wp-block-gallery\"><!-- wp:image --><figure><img src=\"https://a.fr/1.jpg\"><figcaption>un</figcaption></figure><!-- /wp:image --><!-- wp:image --><figure><img src=\"https://a.fr/2.jpg\"></figure><!-- /wp:image --><figcaption>Tous</figcaption></figure><!-- /wp:gallery -->",
            &[
                r#"gallery {"images":[{"caption":"un","url":"https://a.fr/1.jpg"},{"url":"https://a.fr/2.jpg"}]}"#,
                r#"paragraph {"html":"Tous"}"#,
            ],
            "",
        ),
        (
            "<!-- wp:embed {\"url\":\"https://youtu.be/1\"} --><figure><div class=\"wp-block-embed__wrapper\">\nhttps://youtu.be/1\n</div><figcaption>L</figcaption></figure><!-- /wp:embed -->",
            &[r#"embed {"caption":"L","provider":"YouTube","url":"https://youtu.be/1"}"#],
            "",
        ),
        (
            "<!-- wp:html --><div class=\"x\"><b>brut</b></div><!-- /wp:html -->",
            &[r#"raw_html {"html":"<div><b>brut</b></div>"}"#],
            "",
        ),
        (
            "<!-- wp:html --><p>reste</p><script>x</script><!-- /wp:html -->",
            &[r#"paragraph {"html":"reste"}"#],
            "script 1",
        ),
        (
            "<!-- wp:spacer --><div style=x></div><!-- /wp:spacer --><!-- wp:separator --><hr/><!-- /wp:separator --><!-- wp:more --><!--more--><!-- /wp:more -->",
            &["divider {}"],
            "",
        ),
        (
            "<!-- wp:latest-posts {\"n\":1} /--><!-- wp:block {\"ref\":4} /-->",
            &[],
            "wp:block 1, wp:latest-posts 1",
        ),
        (
            "<!-- wp:pullquote --><figure class=\"wp-block-pullquote\"><blockquote><p>a</p><cite>b</cite></blockquote></figure><!-- /wp:pullquote -->",
            &[r#"pullquote {"attribution":"b","text":"a"}"#],
            "",
        ),
        (
            "<!-- wp:image {\"id\":7} /-->",
            &[r#"image {"image":{"url":"https://a.fr/7.jpg"}}"#],
            "",
        ),
    ]);
}

#[test]
fn long_text_is_split_at_words_and_nothing_is_lost() {
    let sentence = "Une phrase de plusieurs mots, « avec » des guillemets & une esperluette. ";
    let html = format!("<b>{}</b>{}", sentence.repeat(1_000), "x".repeat(45_000));
    let converted = blocks_from_html(&html, &policy());
    assert_readable(&converted.blocks, &html);
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(
        plain(&plain_text(&converted.blocks)),
        plain(&html.replace("<b>", "").replace("</b>", ""))
    );
    assert!(converted.blocks.len() > 5 && converted.lost.is_empty());
}

#[test]
fn long_lists_and_tables_become_several() {
    let items = "<li>élément de liste</li>".repeat(1_200);
    let rows = "<tr><td>a</td><td>b</td></tr>".repeat(1_200);
    let html = format!("<ul>{items}</ul><table><tr><th>X</th><th>Y</th></tr>{rows}</table>");
    let converted = blocks_from_html(&html, &policy());
    assert_readable(&converted.blocks, &html);
    assert_eq!(converted.blocks.len(), 6);
    assert_eq!(plain_text(&converted.blocks).matches("élément").count(), 1_200);
}

#[test]
fn an_article_of_too_many_blocks_keeps_all_its_text() {
    let html: String = (0..3_000).map(|n| format!("<p>para{n}</p><h2>titre{n}</h2>")).collect();
    let converted = blocks_from_html(&html, &policy());
    assert_readable(&converted.blocks, &html);
    let text = plain_text(&converted.blocks);
    assert!(converted.blocks.len() <= limits::BLOCKS);
    assert!((0..3_000).all(|n| text.contains(&format!("para{n}\n")) || n == 2_999));
    assert!(text.contains("titre2999"));
    assert!(
        converted
            .lost
            .iter()
            .any(|lost| lost.what == "article_of_too_many_blocks")
    );
}

#[test]
fn an_import_numbers_its_blocks_the_same_each_time() {
    let html = "a\n\nb<hr>c";
    let first = blocks_from_html(html, &policy());
    assert_eq!(first, blocks_from_html(html, &policy()));
    let ids: Vec<&str> = first.blocks.iter().map(|block| block.id().as_str()).collect();
    assert_eq!(ids, ["b1", "b2", "b3", "b4"]);
}

#[test]
fn hostile_sources_neither_overflow_nor_take_long() {
    let units = [
        "<div>",
        "<b>",
        "<ul><li>",
        "<blockquote>",
        "<table><tr><td>",
        "<!-- wp:group -->",
        "[caption]",
        "[box a=1]",
        "<",
        "[",
        "[[",
        "<!--",
        "<a href=\"",
        "<a href=x>",
        "&",
        "<p>",
        "[a \"",
        "<figure>",
        "<span lang=a>x ",
        "<svg>",
        "<!-- wp:html -->",
        "[embed]",
    ];
    for unit in units {
        let start = Instant::now();
        let html = unit.repeat(50_000) + "fin";
        let converted = blocks_from_html(&html, &policy());
        assert!(converted.blocks.len() <= limits::BLOCKS, "{unit}");
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{unit} {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn real_exports_convert_to_what_the_api_takes() {
    let Ok(folder) = std::fs::read_dir("../shared/data/wxr") else {
        return;
    };
    for file in folder
        .flatten()
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
    {
        for content in file
            .split("<content:encoded>")
            .skip(1)
            .filter_map(|rest| rest.split("</content:encoded>").next())
        {
            let content = content.trim().trim_start_matches("<![CDATA[").trim_end_matches("]]>");
            let converted = blocks_from_html(content, &policy());
            assert_readable(&converted.blocks, content);
        }
    }
}

/// Markup of every kind that shows its text, badly nested.
fn soup() -> impl Strategy<Value = Vec<String>> {
    let pieces = [
        "<(p|div|b|em|ul|ol|li|table|thead|tr|td|th|caption|blockquote|cite|h1|h4|pre|figure|figcaption|dl|dt|dd|span lang=a|center|details|summary|footer|a href=https://a\\.fr/x|section)>",
        "</(p|div|b|em|ul|ol|li|table|thead|tr|td|th|caption|blockquote|cite|h1|h4|pre|figure|figcaption|dl|dt|dd|span|center|details|summary|footer|a|section)>",
        "<br>|<hr>|\n|\n\n| |<img src=https://a\\.fr/x\\.jpg alt=x>|<figure class=wp-block-pullquote>|<div class=gallery>",
        "<!-- wp:(paragraph|quote|list|image|gallery|table|group|html|cover|shortcode) -->",
        "<!-- /wp:(paragraph|quote|list|image|gallery|table|group|html|cover|shortcode) -->",
        "\\[/?caption\\]|https://youtu\\.be/1\n",
        "mot",
        "mot",
        "mot",
    ];
    let regexes = pieces
        .iter()
        .filter_map(|regex| proptest::string::string_regex(regex).ok());
    let union = proptest::strategy::Union::new(regexes.map(|regex| regex.boxed()));
    proptest::collection::vec(union, 0..40)
}

proptest! {
    #[test]
    fn every_word_ends_in_a_block_the_api_takes(parts in soup()) {
        let number = |(index, part): (usize, String)| if part == "mot" { format!(" mot{index}z ") } else { part };
        let html: String = parts.into_iter().enumerate().map(number).collect();
        let converted = blocks_from_html(&html, &policy());
        assert_readable(&converted.blocks, &html);
        let text = plain_text(&converted.blocks);
        for word in html.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with("mot")) {
            prop_assert_eq!(text.matches(word).count(), 1, "{} in {} gave {:?}", word, html, short(&converted.blocks));
        }
    }
}

#[test]
fn what_stands_elsewhere_is_put_in_its_place() {
    let uploaded = |post: Option<u64>| {
        let url = format!("https://a.fr/{}.jpg", post.unwrap_or_default());
        let image = Image {
            url,
            ..Image::default()
        };
        vec![image; 2]
    };
    let reusable = |number| match number {
        99 => Some("<p>Abonnez-vous.</p><!-- wp:block {\"ref\":99} /-->".to_owned()),
        _ => None,
    };
    let note = |content: &str| PostFootnote {
        id: String::new(),
        content: content.to_owned(),
    };
    let notes = [note("Un <em>rapport</em>."), note("Deux.")];
    let address = Url::parse("https://b.fr/2020/titre/").unwrap();
    let context = PostContext {
        address: Some(&address),
        uploaded: &uploaded,
        reusable: &reusable,
        footnotes: &notes,
        ..PostContext::NONE
    };
    let list = r#"list {"is_ordered":true,"items":["Un <em>rapport</em>.","Deux."]}"#;
    let offer = r#"paragraph {"html":"Abonnez-vous."}"#;
    let gallery = |post| {
        format!(r#"gallery {{"images":[{{"url":"https://a.fr/{post}.jpg"}},{{"url":"https://a.fr/{post}.jpg"}}]}}"#)
    };
    let table: [(&str, &[&str], &str); 6] = [
        (
            "<!-- wp:footnotes /--><p>Fin</p>",
            &[list, r#"paragraph {"html":"Fin"}"#],
            "",
        ),
        ("<p>Fin</p>", &[r#"paragraph {"html":"Fin"}"#, list], ""),
        // One that holds itself ends.
        (
            "<!-- wp:block {\"ref\":99} /-->",
            &[offer, offer, offer, list],
            "wp:block 1",
        ),
        ("<!-- wp:block {\"ref\":98} /-->", &[list], "wp:block 1"),
        (
            "<img src=\"/u/x.jpg\"><img src=\"../y.jpg\"><img src=\"//c.fr/z.jpg\">",
            &[
                r#"image {"image":{"url":"https://b.fr/u/x.jpg"}}"#,
                r#"image {"image":{"url":"https://b.fr/2020/y.jpg"}}"#,
                r#"image {"image":{"url":"https://c.fr/z.jpg"}}"#,
                list,
            ],
            "",
        ),
        ("[gallery][gallery id=\"7\"]", &[&gallery(0), &gallery(7), list], ""),
    ];
    for (html, blocks, lost) in table {
        let converted = blocks_from_html_with(html, &policy(), &context);
        assert_eq!(short(&converted.blocks), blocks, "{html}");
        let found: Vec<String> = converted
            .lost
            .iter()
            .map(|loss| format!("{} {}", loss.what, loss.count))
            .collect();
        assert_eq!(found.join(", "), lost, "{html}");
    }
}

#[test]
fn links_within_a_post_lead_where_they_led() {
    let noted = [PostFootnote {
        id: "fn1".to_owned(),
        content: "Source : rapport.".to_owned(),
    }];
    let context = PostContext {
        footnotes: &noted,
        ..PostContext::NONE
    };
    let html = "<h2 id=\"notes\">Notes</h2><p id=\"debut\">Un fait<sup><a href=\"#fn1\" id=\"fn1-link\">1</a></sup>, \
                <a href=\"#notes\">les notes</a>, <a href=\"#liste\">la liste</a>, <a href=\"#ailleurs\">ailleurs</a>.</p>\
                <h3 id=\"sans-lien\">Rien n’y mène</h3><a name=\"liste\"></a><ul><li>un</li></ul>";
    let converted = blocks_from_html_with(html, &policy(), &context);
    assert_readable(&converted.blocks, html);
    let expected = [
        r#"heading {"anchor":"a-notes","level":2,"text":"Notes"}"#,
        r##"paragraph {"html":"Un fait<sup><a id=\"a-fn1-link\"></a><a href=\"#a-fn1\">1</a></sup>, <a href=\"#a-notes\">les notes</a>, <a href=\"#a-liste\">la liste</a>, <a href=\"#ailleurs\">ailleurs</a>."}"##,
        r#"heading {"level":3,"text":"Rien n’y mène"}"#,
        r#"list {"is_ordered":false,"items":["<a id=\"a-liste\"></a>un"]}"#,
        r##"list {"is_ordered":true,"items":["<a id=\"a-fn1\"></a>Source : rapport. <a href=\"#a-fn1-link\">↩</a>"]}"##,
    ];
    assert_eq!(short(&converted.blocks), expected);
}
