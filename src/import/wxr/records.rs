//! The records of a channel, each read from its element.
//!
//! Every function here is called with its element just opened, and leaves it closed.

use std::io::Read;

use super::error::WxrError;
use super::fields::{trim, trimmed};
use super::limits::{MAX_COMMENTS, MAX_CONTENT_BYTES, MAX_META_BYTES, MAX_TEXT_BYTES, size};
use super::model::{ATTACHMENT_METADATA, Email, KEPT_META};
use crate::import::wxr::error::WxrResult;
use crate::import::wxr::fields::FieldReader;
use crate::import::wxr::model::{WxrAuthor, WxrCategory, WxrComment, WxrItem, WxrTag, WxrTerm, WxrTermRef};
use crate::import::wxr::names::{ElementName, Namespace};
use crate::import::wxr::text::shortened;

impl<R: Read> FieldReader<R> {
    pub(super) fn author(&mut self) -> WxrResult<Option<WxrAuthor>> {
        let mut author = WxrAuthor::default();
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, "author_id") => author.author_id = self.number()?,
                (Namespace::Wp, "author_login") => author.login = self.short()?,
                (Namespace::Wp, "author_display_name") => author.display_name = self.short()?,
                (Namespace::Wp, "author_first_name") => author.first_name = self.short()?,
                (Namespace::Wp, "author_last_name") => author.last_name = self.short()?,
                _ => self.xml.skip()?,
            }
        }
        Ok((!author.login.is_empty()).then_some(author))
    }

    pub(super) fn category(&mut self) -> WxrResult<WxrCategory> {
        let mut category = WxrCategory::default();
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, "term_id") => category.term_id = self.number()?,
                (Namespace::Wp, "category_nicename") => category.nicename = self.short()?,
                (Namespace::Wp, "category_parent") => category.parent = self.short()?,
                (Namespace::Wp, "cat_name") => category.name = self.short()?,
                (Namespace::Wp, "category_description") => category.description = self.short()?,
                _ => self.xml.skip()?,
            }
        }
        Ok(category)
    }

    pub(super) fn tag(&mut self) -> WxrResult<WxrTag> {
        let mut tag = WxrTag::default();
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, "term_id") => tag.term_id = self.number()?,
                (Namespace::Wp, "tag_slug") => tag.slug = self.short()?,
                (Namespace::Wp, "tag_name") => tag.name = self.short()?,
                (Namespace::Wp, "tag_description") => tag.description = self.short()?,
                _ => self.xml.skip()?,
            }
        }
        Ok(tag)
    }

    pub(super) fn term(&mut self) -> WxrResult<WxrTerm> {
        let mut term = WxrTerm::default();
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, "term_id") => term.term_id = self.number()?,
                (Namespace::Wp, "term_taxonomy") => term.taxonomy = self.short()?,
                (Namespace::Wp, "term_slug") => term.slug = self.short()?,
                (Namespace::Wp, "term_parent") => term.parent = self.short()?,
                (Namespace::Wp, "term_name") => term.name = self.short()?,
                (Namespace::Wp, "term_description") => term.description = self.short()?,
                _ => self.xml.skip()?,
            }
        }
        Ok(term)
    }

    pub(super) fn item(&mut self) -> WxrResult<WxrItem> {
        let mut item = WxrItem {
            line: self.xml.line(),
            ..WxrItem::default()
        };
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Rss, "title") => item.title = self.short()?,
                (Namespace::Rss, "link") => item.link = self.short()?,
                (Namespace::Rss, "guid") => item.guid = self.short()?,
                (Namespace::Rss, "category") => item.categories.extend(self.term_ref()?),
                (Namespace::Dc, "creator") => item.creator = self.short()?,
                (Namespace::Content, "encoded") => item.content = self.kept(MAX_CONTENT_BYTES)?,
                (Namespace::Excerpt, "encoded") => item.excerpt = self.kept(MAX_TEXT_BYTES)?,
                (Namespace::Wp, "comment") => self.comment(&mut item.comments)?,
                (Namespace::Wp, "postmeta") => self.meta(&mut item)?,
                (Namespace::Wp, field) => self.post_field(&mut item, field)?,
                _ => self.xml.skip()?,
            }
        }
        if item.post_id == 0 {
            return Err(WxrError::new(item.line, "The item that starts here has no wp:post_id."));
        }
        Ok(item)
    }

    fn post_field(&mut self, item: &mut WxrItem, field: &str) -> WxrResult<()> {
        match field {
            "post_id" => item.post_id = self.id()?,
            "post_date" => item.post_date = self.date()?,
            "post_date_gmt" => item.post_date_gmt = self.date()?,
            "post_modified_gmt" => item.post_modified_gmt = self.date()?,
            "comment_status" => item.comment_status = self.short()?,
            "ping_status" => item.ping_status = self.short()?,
            "post_name" => item.post_name = self.short()?,
            "status" => item.status = self.short()?,
            "post_parent" => item.post_parent = self.number()?.unwrap_or_default(),
            "menu_order" => item.menu_order = self.number()?.unwrap_or_default(),
            "post_type" => item.post_type = self.short()?,
            "post_password" => item.has_password = !self.short()?.is_empty(),
            "is_sticky" => item.is_sticky = self.short()? == "1",
            "attachment_url" => item.attachment_url = Some(self.short()?).filter(|url| !url.is_empty()),
            _ => self.xml.skip()?,
        }
        Ok(())
    }

    fn term_ref(&mut self) -> WxrResult<Option<WxrTermRef>> {
        let domain = match self.xml.attribute("domain") {
            "tag" => "post_tag",
            domain => domain,
        };
        let (domain, nicename) = (domain.to_owned(), trimmed(self.xml.attribute("nicename")).to_owned());
        let term = WxrTermRef {
            domain,
            nicename,
            name: self.short()?,
        };
        if term.nicename.is_empty() {
            return Ok(None);
        }
        self.keep(size_of::<WxrTermRef>() + term.domain.len() + term.nicename.len())?;
        Ok(Some(term))
    }

    /// A custom field, if it is one to keep. The others hold whole page layouts: of these, the key.
    fn meta(&mut self, item: &mut WxrItem) -> WxrResult<()> {
        let line = self.xml.line();
        let (mut key, mut value) = (None, None);
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, "meta_key") => key = self.xml.text_within(MAX_META_BYTES)?,
                (Namespace::Wp, "meta_value") => value = self.xml.text_within(MAX_META_BYTES)?,
                _ => self.xml.skip()?,
            }
        }
        let key = trim(key.unwrap_or_default());
        let is_kept = KEPT_META.contains(&key.as_str());
        if !is_kept || key == ATTACHMENT_METADATA && value.is_none() {
            let key = shortened(&key);
            self.keep(size_of::<String>() + key.len())?;
            item.other_meta.push(key);
            return Ok(());
        }
        let too_long = || {
            format!(
                "The value of the custom field {} is larger than {}.",
                key,
                size(MAX_META_BYTES)
            )
        };
        let value = value.ok_or_else(|| WxrError::new(line, too_long()))?;
        self.keep(size_of::<(String, String)>() + key.len() + value.len())?;
        item.meta.push((key, trim(value)));
        Ok(())
    }

    fn comment(&mut self, comments: &mut Vec<WxrComment>) -> WxrResult<()> {
        let line = self.xml.line();
        if comments.len() == MAX_COMMENTS {
            return Err(self
                .xml
                .error(format!("The item has more than {MAX_COMMENTS} comments.")));
        }
        self.keep(size_of::<WxrComment>())?;
        let mut comment = WxrComment::default();
        let mut name = ElementName::default();
        while self.xml.child(&mut name)? {
            match name.key() {
                (Namespace::Wp, field) => self.comment_field(&mut comment, field)?,
                _ => self.xml.skip()?,
            }
        }
        if comment.comment_id == 0 {
            return Err(WxrError::new(
                line,
                "The comment that starts here has no wp:comment_id.",
            ));
        }
        comments.push(comment);
        Ok(())
    }

    fn comment_field(&mut self, comment: &mut WxrComment, field: &str) -> WxrResult<()> {
        match field {
            "comment_id" => comment.comment_id = self.id()?,
            "comment_author" => comment.author = self.short()?,
            "comment_author_url" => comment.author_url = Some(self.short()?).filter(|url| !url.is_empty()),
            "comment_author_email" => comment.author_email = Email(self.short()?),
            "comment_date" => comment.date = self.date()?,
            "comment_date_gmt" => comment.date_gmt = self.date()?,
            "comment_content" => comment.content = self.kept(MAX_TEXT_BYTES)?,
            "comment_approved" => comment.approved = self.short()?,
            "comment_type" => comment.kind = self.short()?,
            "comment_parent" => comment.parent = self.number()?.unwrap_or_default(),
            "comment_user_id" => comment.user_id = self.number()?.unwrap_or_default(),
            _ => self.xml.skip()?,
        }
        Ok(())
    }
}
