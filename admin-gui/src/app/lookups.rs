//! What is read to be looked at in passing: images, and rows that cells under the pointer refer to.

use persistence::{Catalog, Filter, PageStart, Query, RecordKey};

use super::Jobs;
use crate::form::{ImageField, RecordForm};
use crate::i18n::Texts;
use crate::jobs::{Queue, Topic};
use crate::related::{Preview, Previews};
use crate::tasks::{ImagePlace, ImageScale, ReadRows, Rows};
use crate::thumbnails::Thumbnails;

/// Images on the screen.
const IMAGES: Topic = Topic::new("images", Queue::Images).unlogged();
/// A row under the pointer.
const PREVIEW: Topic = Topic::new("preview", Queue::Rows);

/// What has been read to be looked at in passing.
#[derive(Default)]
pub(super) struct Lookups {
    /// Rows that cells under the pointer referred to.
    pub previews: Previews,
    /// Images in cells and in records.
    pub thumbnails: Thumbnails,
}

impl Lookups {
    /// Asks for images that should be on the screen.
    pub fn ask_for_images(&mut self, jobs: &mut Jobs) {
        let Some(task) = self.thumbnails.request() else { return };
        jobs.ask(IMAGES.only(), task, |app, outcome, _| match outcome {
            Ok(images) => app.lookups.thumbnails.take(&app.window, images),
            Err(failure) => {
                tracing::debug!(%failure, "images cannot be shown");
                app.lookups.thumbnails.fail();
            }
        });
    }

    /// Forgets everything: something was written.
    pub fn forget(&mut self, jobs: &mut Jobs) {
        self.previews.clear();
        jobs.forget(IMAGES.only());
        self.thumbnails.clear();
    }

    /// Gives an open record an image that it holds, once that has come.
    pub fn show_image(&mut self, form: &mut RecordForm, field: ImageField) {
        let ImageField { column, bytes } = field;
        let Some(key) = form.key() else { return };
        let (table, scale) = (form.meta().table, ImageScale::Form);
        let place = ImagePlace { table, key, column, bytes, scale };
        if self.thumbnails.lacks(&place) {
            self.thumbnails.want(place);
        } else {
            form.show_image(column, self.thumbnails.get(&place).cloned());
        }
    }

    /// Reads a row that a cell under the pointer refers to.
    pub fn preview(
        &mut self,
        table: &'static str,
        key: RecordKey,
        catalog: &Catalog,
        jobs: &mut Jobs,
    ) {
        // What is not registered with the admin cannot be read.
        if let Ok(entry) = catalog.entry(table) {
            let query = <Query>::new().filter(Filter::key(entry.meta, &key));
            self.previews.want(table, key);
            let task = ReadRows { table, query, start: PageStart::First, size: 1 };
            // Nobody asked for it: the pointer only passed by.
            jobs.ask(PREVIEW.only(), task, |app, outcome, _| {
                let (texts, catalog) = (&app.preferences.texts, &app.program.catalog);
                app.lookups.take_preview(&outcome.unwrap_or_default(), texts, catalog);
            });
        }
    }

    /// Takes the row that was read for a preview, or that it is gone.
    fn take_preview(&mut self, found: &Rows, texts: &Texts, catalog: &Catalog) {
        let wanted = self.previews.wanted();
        let meta = wanted.and_then(|(table, _)| catalog.entry(table).ok());
        let preview = found
            .rows
            .first()
            .zip(meta.map(|entry| entry.meta))
            .map(|(row, meta)| Preview::of(meta, row, &found.labels, texts));
        self.previews.take(preview);
    }
}
