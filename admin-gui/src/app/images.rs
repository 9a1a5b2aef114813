//! Images in cells and in the record, on a thread of their own.

use egui::Context;
use persistence::Catalog;

use super::AdminApp;
use crate::form::ImageField;
use crate::thumbnails::Thumbnails;
use crate::worker::{Answer, ImagePlace, ImageScale, Lane, RecordNumber, Worker};

/// Images that are shown, and what reads them.
pub(super) struct Images {
    worker: Worker,
    pub(super) thumbnails: Thumbnails,
}

impl Images {
    /// Starts the thread; `wake` is called from it whenever images have come.
    pub(super) fn start(
        catalog: Catalog,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let worker = Worker::start("database images", catalog, wake)?;
        Ok(Self { worker, thumbnails: Thumbnails::default() })
    }

    /// Takes the images that have come.
    pub(super) fn take(&mut self, context: &Context) {
        for answered in self.worker.answers() {
            match answered.outcome {
                Ok(Answer::Images(images)) => self.thumbnails.take(context, images),
                Ok(answer) => tracing::error!(?answer, "an answer to another question"),
                Err(failure) => {
                    tracing::debug!(%failure, "images cannot be shown");
                    self.thumbnails.fail();
                }
            }
        }
    }

    /// Asks for images that should be on the screen.
    pub(super) fn ask(&mut self) {
        if let Some(request) = self.thumbnails.request() {
            self.worker.ask(Lane::Images, request);
        }
    }

    /// Forgets the images: something was written.
    pub(super) fn clear(&mut self) {
        self.worker.forget(Lane::Images);
        self.thumbnails.clear();
    }
}

impl AdminApp {
    /// Gives the open record an image that it holds, once that has come.
    pub(super) fn image_of_record(&mut self, number: RecordNumber, field: ImageField) {
        let ImageField { column, bytes } = field;
        let Some(record) = self.records.get_mut(number) else { return };
        let Some(key) = record.form.key() else { return };
        let (table, scale) = (record.form.meta().table, ImageScale::Form);
        let place = ImagePlace { table, key, column, bytes, scale };
        match self.images.thumbnails.get(&place) {
            Some(image) => record.form.show_image(column, image.clone()),
            None => self.images.thumbnails.want(place),
        }
    }
}
