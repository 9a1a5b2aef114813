//! The diagram of a schema of a hundred entities.

use std::time::{Duration, Instant};

use admin_gui::i18n::{Language, Texts};
use admin_gui::pages::diagram::{
    Detail, DiagramColumn, DiagramEntity, DiagramPage, Graph, Link, LinkKind,
};
use admin_gui::theme;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use persistence::{EntityMeta, OnDelete};

const ENTITIES: usize = 100;
const COLUMNS: usize = 12;

/// A hundred entities, each of which but the first refers to one or two before it.
fn graph() -> Graph {
    let entities = (0..ENTITIES).map(|number| {
        let name: &'static str = Box::leak(format!("table_{number:03}").into_boxed_str());
        let meta: &'static EntityMeta = Box::leak(Box::new(EntityMeta::new(name, name, &[], &[])));
        let columns = (0..COLUMNS).map(|column| DiagramColumn {
            name: ["id", "first_id", "second_id", "a_column_with_a_long_name"]
                .get(column)
                .copied()
                .unwrap_or("another_column"),
            type_name: "bigint".to_owned(),
            is_key: column == 0,
            is_reference: column == 1 || column == 2,
        });
        DiagramEntity { meta, columns: columns.collect() }
    });
    let link = |from: usize, from_column: usize, to: usize| Link {
        from,
        from_column,
        to,
        to_column: 0,
        kind: LinkKind::Many(OnDelete::Restrict),
    };
    let links = (1..ENTITIES).flat_map(|from| {
        let second = (from % 3 == 0).then(|| link(from, 2, from / 2));
        std::iter::once(link(from, 1, from / 4)).chain(second)
    });
    Graph { entities: entities.collect(), links: links.collect() }
}

fn window(detail: Detail) -> Harness<'static, DiagramPage> {
    let page = DiagramPage::of_graph(graph()).with_detail(detail);
    let texts = Texts::new(Language::English);
    let mut is_installed = false;
    Harness::builder().with_size(egui::vec2(1200.0, 800.0)).build_ui_state(
        move |ui, page: &mut DiagramPage| {
            if !std::mem::replace(&mut is_installed, true) {
                theme::install(ui.ctx());
            }
            page.show(ui, &texts);
        },
        page,
    )
}

fn shown(window: &Harness<'static, DiagramPage>) -> usize {
    window
        .query_all_by_role(Role::Button)
        .filter(|node| {
            node.accesskit_node().label().is_some_and(|label| label.starts_with("Table "))
        })
        .count()
}

#[test]
fn all_entities_fit_and_those_off_the_screen_are_not_drawn() {
    for detail in [Detail::Keys, Detail::Columns] {
        let mut window = window(detail);
        window.step();
        window.step();
        assert_eq!(shown(&window), ENTITIES, "{detail:?}");
        for _ in 0..10 {
            window.get_by_role_and_label(Role::Button, "Zoom in").click();
            window.step();
        }
        window.step();
        assert!(shown(&window) < ENTITIES / 3, "{detail:?}: {} are drawn", shown(&window));
    }
}

#[test]
fn a_frame_of_a_hundred_entities_takes_no_time_that_one_would_notice() {
    let mut window = window(Detail::Columns);
    // The first frames lay the diagram out and make glyphs.
    for _ in 0..3 {
        window.step();
    }
    let started = Instant::now();
    for _ in 0..10 {
        window.step();
    }
    let frame = started.elapsed() / 10;
    // Generous: without optimisation, on a machine that does other things as well.
    assert!(frame < Duration::from_millis(150), "a frame takes {frame:?}");
}
