//! Images in cells and in the record.

use super::AdminApp;
use crate::form::ImageField;
use crate::jobs::{Queue, Topic};
use crate::tasks::{ImagePlace, ImageScale, RecordNumber};

const IMAGES: Topic = Topic::new("images", Queue::Images).unlogged();

impl AdminApp {
    /// Asks for images that should be on the screen.
    pub(super) fn ask_for_images(&mut self) {
        let Some(task) = self.lookups.thumbnails.request() else { return };
        self.jobs.ask(IMAGES.only(), task, |app, outcome, _| match outcome {
            Ok(images) => app.lookups.thumbnails.take(&app.window, images),
            Err(failure) => {
                tracing::debug!(%failure, "images cannot be shown");
                app.lookups.thumbnails.fail();
            }
        });
    }

    /// Forgets the images: something was written.
    pub(super) fn forget_images(&mut self) {
        self.jobs.forget(IMAGES.only());
        self.lookups.thumbnails.clear();
    }

    /// Gives the open record an image that it holds, once that has come.
    pub(super) fn image_of_record(&mut self, number: RecordNumber, field: ImageField) {
        let ImageField { column, bytes } = field;
        let Some(record) = self.workspace.records.get_mut(number) else { return };
        let Some(key) = record.form.key() else { return };
        let (table, scale) = (record.form.meta().table, ImageScale::Form);
        let place = ImagePlace { table, key, column, bytes, scale };
        if self.lookups.thumbnails.lacks(&place) {
            self.lookups.thumbnails.want(place);
        } else {
            record.form.show_image(column, self.lookups.thumbnails.get(&place).cloned());
        }
    }
}
