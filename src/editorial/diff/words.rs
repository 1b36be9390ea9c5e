//! Texts word by word, as French writes them: an elision ends with its apostrophe (`l’` `État`), a compound is one word
//! (`peut-être`), a number too (`1,5`), and each mark is a token of its own.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Budget, SpanKind, TextSpan};

/// What makes the text `old` into `new`, and whether it was too much to be compared.
pub(super) fn spans(old: &str, new: &str, budget: &mut Budget) -> (Vec<TextSpan>, bool) {
    if old == new {
        return (Vec::new(), false);
    }
    if !budget.pay(differing_bytes(old, new)) {
        let whole = [(SpanKind::Removed, old), (SpanKind::Inserted, new)];
        let spans = whole.into_iter().filter(|(_, text)| !text.is_empty());
        let span = |(kind, text): (SpanKind, &str)| TextSpan {
            kind,
            text: text.to_owned(),
        };
        return (spans.map(span).collect(), true);
    }
    let (old, new) = (tokens(old), tokens(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    (to_spans(&joined(&ops, &old), &old, &new), false)
}

/// Bytes of both texts between the first and the last that differ.
fn differing_bytes(old: &str, new: &str) -> usize {
    let shorter = old.len().min(new.len());
    let head = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let tails = old.bytes().rev().zip(new.bytes().rev());
    let tail = tails.take(shorter - head).take_while(|(a, b)| a == b).count();
    old.len() + new.len() - 2 * (head + tail)
}

/// A stretch of both texts, in tokens: the same in both, or one in place of the other.
struct DiffSegment {
    is_equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// The steps, with neighbours of the same kind joined. A space that stayed between two changed words counts as changed
/// with them: nobody reads a changed phrase word by word.
fn joined(ops: &[DiffOp], old: &[&str]) -> Vec<DiffSegment> {
    let mut joined: Vec<DiffSegment> = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let is_between = joined.last().is_some_and(|last| !last.is_equal) && index + 1 < ops.len();
        let is_gap = is_between && old[op.old_range()].iter().all(|token| is_gap(token));
        let step = DiffSegment {
            is_equal: matches!(op, DiffOp::Equal { .. }) && !is_gap,
            old: op.old_range(),
            new: op.new_range(),
        };
        match joined.last_mut() {
            Some(last) if last.is_equal == step.is_equal => {
                last.old.end = step.old.end;
                last.new.end = step.new.end;
            }
            _ => joined.push(step),
        }
    }
    joined
}

/// White space within a line.
fn is_gap(token: &str) -> bool {
    token.chars().all(|c| c.is_whitespace() && c != '\n')
}

fn to_spans(steps: &[DiffSegment], old: &[&str], new: &[&str]) -> Vec<TextSpan> {
    let mut spans = Vec::new();
    let mut push = |kind, tokens: &[&str]| {
        if !tokens.is_empty() {
            let text = tokens.concat();
            spans.push(TextSpan { kind, text });
        }
    };
    for step in steps {
        if step.is_equal {
            push(SpanKind::Equal, &new[step.new.clone()]);
        } else {
            push(SpanKind::Removed, &old[step.old.clone()]);
            push(SpanKind::Inserted, &new[step.new.clone()]);
        }
    }
    spans
}

/// The text in pieces: words, marks, white space. Together they are the text.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\n' => 1,
            c if c.is_whitespace() => length_while(rest, |c| c.is_whitespace() && c != '\n'),
            c if is_letter(c) => word_length(rest),
            c => c.len_utf8() + length_while(&rest[c.len_utf8()..], is_attached),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Bytes of the word that the text begins with.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, after)| *after);
        match c {
            c if is_letter(c) || is_attached(c) => {}
            '\'' | '’' if is_letter(after) => return at + c.len_utf8(),
            '-' | '\u{2011}' if is_letter(after) => {}
            '.' | ',' if before.is_ascii_digit() && after.is_ascii_digit() => {}
            _ => return at,
        }
        before = c;
    }
    text.len()
}

fn length_while(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
}

/// Accents of their own, and what makes several signs one emoji.
fn is_attached(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let (spans, _) = spans(old, new, &mut Budget(Budget::BYTES));
        let marked = spans.iter().map(|span| match span.kind {
            SpanKind::Equal => span.text.clone(),
            SpanKind::Inserted => format!("[+{}]", span.text),
            SpanKind::Removed => format!("[-{}]", span.text),
        });
        marked.collect()
    }

    #[test]
    fn french_is_cut_into_words_as_it_is_written() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("L’État, c’est moi", &["L’", "État", ",", " ", "c’", "est", " ", "moi"]),
            ("l'eau", &["l'", "eau"]),
            ("‘mot’", &["‘", "mot", "’"]),
            ("peut-être\u{a0}?", &["peut-être", "\u{a0}", "?"]),
            ("A-t-il dit -- oui", &["A-t-il", " ", "dit", " ", "-", "-", " ", "oui"]),
            (
                "«\u{a0}Oui\u{202f}!\u{a0}»",
                &["«", "\u{a0}", "Oui", "\u{202f}", "!", "\u{a0}", "»"],
            ),
            ("1,5 % de 3.000.", &["1,5", " ", "%", " ", "de", " ", "3.000", "."]),
            ("e\u{301}te\u{301}", &["e\u{301}te\u{301}"]),
            ("un\n deux", &["un", "\n", " ", "deux"]),
            ("👩🏽\u{200d}⚕\u{fe0f}!", &["👩🏽\u{200d}", "⚕\u{fe0f}", "!"]),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_change_is_told_in_whole_words() {
        let cases = [
            ("même", "même", ""),
            ("", "Un mot", "[+Un mot]"),
            ("Un mot", "", "[-Un mot]"),
            ("Un accord signé.", "Un traité signé.", "Un [-accord][+traité] signé."),
            ("l’accord", "l’État", "l’[-accord][+État]"),
            ("L’accord est là.", "Le pacte est là.", "[-L’accord][+Le pacte] est là."),
            ("Il vient.", "Il ne vient pas.", "Il [+ne ]vient[+ pas]."),
            ("un deux trois", "un 2 trois", "un [-deux][+2] trois"),
            ("Voilà !", "Voilà\u{a0}!", "Voilà[- ][+\u{a0}]!"),
            ("un\ndeux", "un\ntrois\ndeux", "un\n[+trois\n]deux"),
        ];
        for (old, new, expected) in cases {
            assert_eq!(shown(old, new), expected, "{old} → {new}");
        }
    }

    #[test]
    fn what_is_too_much_is_told_whole() {
        let (a, b) = ("un deux trois".repeat(10), "un quatre cinq".repeat(10));
        let (spans, is_coarse) = spans(&a, &b, &mut Budget(20));
        assert!(is_coarse);
        assert_eq!(spans.len(), 2, "{spans:?}");
    }

    fn side(spans: &[TextSpan], other: SpanKind) -> String {
        let own = spans.iter().filter(|span| span.kind != other);
        own.map(|span| span.text.as_str()).collect()
    }

    proptest! {
        #[test]
        fn the_pieces_of_a_text_are_the_text(text in ".{0,80}") {
            prop_assert_eq!(tokens(&text).concat(), text);
        }

        #[test]
        fn spans_make_the_old_text_into_the_new(
            old in "([a-c’é -]|\n|«|\u{a0}){0,60}", new in "([a-c’é -]|\n|«|\u{a0}){0,60}", budget in 0_usize..60
        ) {
            let (spans, _) = spans(&old, &new, &mut Budget(budget));
            prop_assert_eq!(spans.is_empty(), old == new);
            if old != new {
                prop_assert_eq!(side(&spans, SpanKind::Inserted), old);
                prop_assert_eq!(side(&spans, SpanKind::Removed), new);
            }
            for pair in spans.windows(2) {
                prop_assert_ne!(pair[0].kind, pair[1].kind, "{:?}", spans);
            }
        }
    }
}
