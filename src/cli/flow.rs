//! What stands below the help of a command, in lines of the screen instead of those of the source.

use clap::Command;

use crate::render::wrap::columns;

/// A command line whose remarks below the help fill the lines of the screen, however they are broken in the source.
pub(super) fn flowing(command: Command) -> Command {
    let names = command.get_subcommands().map(|it| it.get_name().to_owned());
    let names: Vec<String> = names.collect();
    let mut command = command;
    if let Some(help) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(joined(&help, " "));
    }
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, flowing))
}

/// The lines of a text put together as paragraphs; examples, which are indented, and what follows a head stay.
#[must_use]
pub(super) fn joined(text: &str, blank: &str) -> String {
    let mut joined = String::new();
    let mut open = false;
    for line in text.lines() {
        let alone = line.is_empty() || line.starts_with(' ') || line.ends_with([':', '：']);
        let item = line.starts_with("- ");
        if open && !alone && !item {
            // Chinese has no blanks between words, and one behind what is not Chinese
            let is_ascii = joined.ends_with(|last: char| last.is_ascii());
            joined.push_str(if is_ascii { " " } else { blank });
        } else if !joined.is_empty() {
            joined.push('\n');
        }
        joined.push_str(line);
        open = !alone && columns(line) > 60;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_chinese_items_and_short_lines_stay_apart() {
        let long = "相同的参数在任何机器上生成相同的字节。该网络可以原样存在于云上：不违反任何限制";
        let text = format!("{long}\n不超出配额。\n- 一\n- {long}\n- 二：lint\n三");
        assert_eq!(
            joined(&text, ""),
            format!("{long}不超出配额。\n- 一\n- {long}\n- 二：lint\n三")
        );
        assert_eq!(
            joined(&format!("{long} [Allow]\n退出码"), ""),
            format!("{long} [Allow] 退出码")
        );
    }

    #[test]
    fn long_lines_are_joined_and_examples_stay() {
        let long = "What is said here goes over more than one line of the source, and";
        let text =
            format!("Example:\n  pathproof check shop.ron\n\n{long}\nends here.\nAlso this.");
        assert_eq!(
            joined(&text, " "),
            format!("Example:\n  pathproof check shop.ron\n\n{long} ends here.\nAlso this.")
        );
    }
}
