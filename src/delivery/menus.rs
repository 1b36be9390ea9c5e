//! What readers get of menus.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::http::conditional::{CacheableAnswer, PublicReply};
use crate::base::http::path::PathId;
use crate::base::http::public_url::PublicUrl;
use crate::base::http::query::Params;
use crate::base::ids::SectionId;
use crate::base::key::Key;
use crate::base::locale::LocaleQuery;
use crate::site::frame::{Frame, FrameCache};
use crate::site::menus::model::{Menu, MenuItem, MenuItemKind, each_item};
use crate::site::menus::{store, surrogate_keys};
use crate::site::paths::PathKind;

/// A menu as readers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicMenu {
    /// What front ends know it by.
    pub key: Key,
    /// Its items. One whose target is not public is left out, with what hangs below it.
    pub items: Vec<PublicMenuItem>,
}

/// An item of a menu.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(no_recursion)]
pub struct PublicMenuItem {
    /// What it leads to.
    pub kind: MenuItemKind,
    /// What it says, in the language asked for.
    pub label: String,
    /// Where it leads on this site; null with `url` and `heading`.
    pub path: Option<String>,
    /// Where it leads, in full; null with `heading`.
    pub url: Option<String>,
    /// The items below it.
    #[schema(max_items = 100)]
    pub children: Vec<PublicMenuItem>,
}

/// Menus with every target's path found.
pub fn resolve_menus(
    conn: &mut Conn,
    frame: &Frame,
    public_url: &PublicUrl,
    locale: &str,
    menus: &[Menu],
) -> Result<Vec<PublicMenu>> {
    let mut ids = Vec::new();
    for menu in menus {
        each_item(&menu.items, "", &mut |item, _| {
            // Sections are in the frame.
            let target = item.target().filter(|_| item.kind != MenuItemKind::Section);
            ids.extend(target.map(str::to_owned));
        });
    }
    let mut paths = HashMap::new();
    for (kind, id, of_locale, path) in store::live_paths(conn, ids)? {
        // An article has one path, in its own language.
        if kind == PathKind::Article || of_locale == locale {
            paths.insert(id, path);
        }
    }
    let resolver = MenuResolver {
        frame,
        public_url,
        locale,
        paths,
    };
    let menu = |menu: &Menu| PublicMenu {
        key: menu.key.clone(),
        items: resolver.items(&menu.items),
    };
    Ok(menus.iter().map(menu).collect())
}

struct MenuResolver<'a> {
    frame: &'a Frame,
    public_url: &'a PublicUrl,
    locale: &'a str,
    paths: HashMap<String, String>,
}

impl MenuResolver<'_> {
    fn items(&self, items: &[MenuItem]) -> Vec<PublicMenuItem> {
        items.iter().filter_map(|item| self.item(item)).collect()
    }

    fn item(&self, item: &MenuItem) -> Option<PublicMenuItem> {
        let site = &self.frame.site;
        let own = item.label_in(self.locale).map(str::to_owned);
        let (path, name) = match item.kind {
            MenuItemKind::Home => (
                Some(site.localised(self.locale, "/")),
                Some(site.root_label_in(self.locale).to_owned()),
            ),
            MenuItemKind::Section => {
                let id = SectionId::parse(item.target_id.as_deref()?)?;
                let section = self.frame.tree.reference(site, id, self.locale)?;
                (Some(section.path), Some(section.label))
            }
            MenuItemKind::Article | MenuItemKind::Tag | MenuItemKind::Contributor => {
                (Some(self.paths.get(item.target_id.as_deref()?)?.clone()), None)
            }
            MenuItemKind::Url | MenuItemKind::Heading => (None, None),
        };
        let url = path.as_ref().map(|path| self.public_url.of(path));
        Some(PublicMenuItem {
            kind: item.kind,
            label: own.or(name).unwrap_or_default(),
            url: url.or_else(|| item.url.clone().filter(|_| item.kind == MenuItemKind::Url)),
            path,
            children: self.items(&item.children),
        })
    }
}

/// Read a menu.
///
/// The whole tree, with the paths of what its items lead to.
#[utoipa::path(tag = "site", operation_id = "getMenu", params(LocaleQuery),
    responses((status = 200, description = "The menu.", body = PublicMenu)))]
#[get("/v1/menus/{menu_key}")]
pub async fn get_menu(
    db: Data<Db>,
    frames: Data<FrameCache>,
    public_url: Data<PublicUrl>,
    reply: PublicReply,
    key: PathId<Key>,
    params: Params<LocaleQuery>,
) -> Result<HttpResponse> {
    let answer = db
        .read(move |conn| {
            let frame = frames.current(conn)?;
            let locale = frame.locale_of(&params.0)?;
            let known = frame.menus.iter().find(|menu| menu.key == key.0);
            let menu = known.ok_or_else(Error::not_found)?;
            let keys = surrogate_keys(std::slice::from_ref(menu));
            let menus = resolve_menus(conn, &frame, &public_url, &locale, std::slice::from_ref(menu))?;
            let menu = menus.first().ok_or_else(Error::not_found)?;
            CacheableAnswer::json(menu, keys)
        })
        .await?;
    Ok(reply.respond(answer))
}
