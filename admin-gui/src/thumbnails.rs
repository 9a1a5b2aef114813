//! Images that are shown small: those that have come, and those that are wanted.

use std::collections::HashMap;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::tasks::{ImagePlace, LONGEST_IMAGE, ReadImages};

/// Bytes of pixels that are kept.
const KEPT: usize = 24 << 20;

/// Images that are asked for at once: few, so that what was scrolled out of sight is not waited
/// for.
const AT_ONCE: usize = 4;

/// The images in cells that were looked at last.
#[derive(Default)]
pub struct Thumbnails {
    known: HashMap<ImagePlace, Known>,
    /// Those that should be on the screen and are not known.
    wanted: Vec<ImagePlace>,
    /// Those that have been asked for.
    asked: Vec<ImagePlace>,
    /// Counts what comes.
    clock: u64,
}

/// An image that has come.
struct Known {
    /// `None` where there is none that can be shown.
    texture: Option<TextureHandle>,
    /// When it came.
    came: u64,
}

impl Thumbnails {
    /// Returns an image that has come and can be shown.
    #[must_use]
    pub fn get(&self, place: &ImagePlace) -> Option<&TextureHandle> {
        self.known.get(place)?.texture.as_ref()
    }

    /// Returns whether nothing is known of an image that can be shown.
    #[must_use]
    pub fn lacks(&self, place: &ImagePlace) -> bool {
        place.bytes <= LONGEST_IMAGE && !self.known.contains_key(place)
    }

    /// Notes that an image should be on the screen.
    pub fn want(&mut self, place: ImagePlace) {
        if self.lacks(&place) && !self.wanted.contains(&place) {
            self.wanted.push(place);
        }
    }

    /// Returns what to ask for, of what was wanted since the last call, unless an answer is
    /// awaited.
    pub fn request(&mut self) -> Option<ReadImages> {
        let mut wanted = std::mem::take(&mut self.wanted);
        if wanted.is_empty() || !self.asked.is_empty() {
            return None;
        }
        wanted.truncate(AT_ONCE);
        self.asked.clone_from(&wanted);
        Some(ReadImages(wanted))
    }

    /// Takes the images that have come.
    pub fn take(&mut self, context: &Context, images: Vec<(ImagePlace, Option<ColorImage>)>) {
        for (place, image) in images {
            // What was forgotten meanwhile is not what it was any more.
            if !self.asked.contains(&place) {
                continue;
            }
            let texture =
                image.map(|image| context.load_texture("thumbnail", image, TextureOptions::LINEAR));
            self.clock += 1;
            self.known.insert(place, Known { texture, came: self.clock });
        }
        self.asked.clear();
        self.make_room();
    }

    /// Notes that the images could not be had: what they are is said in words.
    pub fn fail(&mut self) {
        for place in std::mem::take(&mut self.asked) {
            self.clock += 1;
            self.known.insert(place, Known { texture: None, came: self.clock });
        }
    }

    /// Forgets everything: something was written.
    pub fn clear(&mut self) {
        *self = Self { clock: self.clock, ..Self::default() };
    }

    fn make_room(&mut self) {
        let weight = |known: &Known| known.texture.as_ref().map_or(64, TextureHandle::byte_size);
        let mut total: usize = self.known.values().map(weight).sum();
        while total > KEPT {
            let oldest = self.known.iter().min_by_key(|(_, known)| known.came);
            let Some(place) = oldest.map(|(place, _)| place.clone()) else { return };
            total -= self.known.remove(&place).as_ref().map_or(0, weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::Color32;
    use persistence::RecordKey;

    use super::*;
    use crate::tasks::ImageScale;

    fn place(row: i64) -> ImagePlace {
        let (key, scale) = (RecordKey::from(row), ImageScale::Line);
        ImagePlace { table: "scans", key, column: 3, bytes: 100, scale }
    }

    fn image(side: usize) -> ColorImage {
        ColorImage::filled([side, side], Color32::WHITE)
    }

    #[test]
    fn an_image_is_asked_for_once() {
        let (context, mut thumbnails) = (Context::default(), Thumbnails::default());
        for _ in 0..2 {
            thumbnails.want(place(1));
        }
        let Some(ReadImages(asked)) = thumbnails.request() else { panic!("nothing is asked") };
        assert_eq!(asked, [place(1)]);
        thumbnails.want(place(1));
        assert!(thumbnails.request().is_none());
        thumbnails.take(&context, vec![(place(1), Some(image(8)))]);
        assert!(thumbnails.get(&place(1)).is_some() && !thumbnails.lacks(&place(1)));
    }

    #[test]
    fn what_cannot_be_shown_is_not_asked_for_again() {
        let (context, mut thumbnails) = (Context::default(), Thumbnails::default());
        thumbnails.want(place(1));
        assert!(thumbnails.request().is_some());
        thumbnails.take(&context, vec![(place(1), None)]);
        assert!(thumbnails.get(&place(1)).is_none() && !thumbnails.lacks(&place(1)));
        let too_long = ImagePlace { bytes: LONGEST_IMAGE + 1, ..place(2) };
        assert!(!thumbnails.lacks(&too_long));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let (context, mut thumbnails) = (Context::default(), Thumbnails::default());
        for row in 0..20 {
            thumbnails.want(place(row));
            assert!(thumbnails.request().is_some());
            thumbnails.take(&context, vec![(place(row), Some(image(1_000)))]);
        }
        assert!(thumbnails.lacks(&place(0)) && !thumbnails.lacks(&place(19)));
        let pixels = |known: &Known| known.texture.as_ref().map_or(0, TextureHandle::byte_size);
        assert!(thumbnails.known.values().map(pixels).sum::<usize>() <= KEPT);
    }
}
