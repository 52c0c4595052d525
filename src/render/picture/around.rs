//! Around whom a picture can be drawn.

use super::estate::is_drawn;
use crate::diagnostic::{Words, visible, words};
use crate::id::Id;
use crate::model::reference::near;
use crate::model::{Kind, Network};

/// The ids around which a picture is drawn.
///
/// # Errors
///
/// For the first that nobody has, or that has no block: what is wrong, and what helps.
pub fn around(ids: &[String], network: &Network) -> Result<Vec<Id>, (Words, Option<Words>)> {
    ids.iter().map(|id| one(id, network)).collect()
}

fn one(asked: &str, network: &Network) -> Result<Id, (Words, Option<Words>)> {
    let id = Id::from(asked);
    let shown = visible(asked);
    if network.group_member(asked).is_some() {
        return Ok(id);
    }
    let Some(kind) = network.kind_of(asked) else {
        let drawn = Kind::SECTIONS.iter().copied().filter(|kind| is_drawn(*kind));
        let near = near(network, &id, &drawn.collect::<Vec<_>>());
        let help = near.map(|near| words!("did you mean `{near}`?", "是否想写 `{near}`？"));
        let message = words!(
            "--around: nothing here has the id `{shown}`",
            "--around：此处没有 ID 为 `{shown}` 的对象"
        );
        return Err((message, help));
    };
    if is_drawn(kind) {
        return Ok(id);
    }
    let one = kind.one();
    let message = Words::new(
        format!("--around: `{shown}` is {one} and has no block of its own"),
        format!("--around：`{shown}` 是{}，图中没有它的图块", one.chinese()),
    );
    Err((message, None))
}
