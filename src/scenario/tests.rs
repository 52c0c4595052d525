//! Whole scenarios: what loads, and what every kind of mistake says.

use super::sample::{loaded, scenario, told};

/// The file of section 1 of the format.
const EXAMPLE: &str = include_str!("example.ron");

#[test]
fn the_example_of_the_format_loads() {
    let scenario = scenario(EXAMPLE);
    assert_eq!(scenario.network.ids().count(), 10);
    assert_eq!(
        (
            scenario.base.len(),
            scenario.steps.len(),
            scenario.what_if.len()
        ),
        (4, 1, 1)
    );
    assert_eq!(told(&loaded(EXAMPLE)), "");
}

#[test]
fn stories_load() {
    let Ok(folder) = std::env::var("STORIES") else {
        return;
    };
    for path in std::fs::read_dir(folder).unwrap() {
        let path = path.unwrap().path();
        let loaded = loaded(std::fs::read(&path).unwrap());
        if !loaded.diagnostics.is_empty() {
            println!("{}\n{}", path.display(), told(&loaded));
        }
    }
}
