//! Images in cells, read and made small.

use std::io::Cursor;
use std::sync::Arc;

use egui::ColorImage;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use persistence::{DynSession, Filter, Query, RecordKey, Result, Value};

use crate::blob::BlobKind;
use crate::jobs::{Task, Work};

/// The longest image that is read to be shown, in bytes.
pub const LONGEST_IMAGE: u64 = 4 << 20;

/// What an image may take while it is decoded, in bytes: a small file may hold a vast one.
const MEMORY: u64 = 256 << 20;

/// An image in a cell, to be shown in a certain size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImagePlace {
    /// The entity's table.
    pub table: &'static str,
    /// The row's primary key.
    pub key: RecordKey,
    /// The column's position.
    pub column: usize,
    /// How long the value is, in bytes: another length is another image.
    pub bytes: u64,
    /// How large it is shown.
    pub scale: ImageScale,
}

/// How large an image is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageScale {
    /// Within a line.
    Line,
    /// In a form.
    Form,
}

impl ImageScale {
    /// Returns the most pixels of each side.
    #[must_use]
    pub const fn side(self) -> u32 {
        match self {
            Self::Line => 64,
            Self::Form => 640,
        }
    }
}

/// Reads the images in some cells and makes them small; `None` where there is none that can be shown.
#[derive(Clone, Debug)]
pub struct ReadImages(pub Vec<ImagePlace>);

impl Task for ReadImages {
    type Output = Vec<(ImagePlace, Option<ColorImage>)>;

    fn run(self, work: &mut Work<'_>) -> Result<Self::Output> {
        let mut images = Vec::with_capacity(self.0.len());
        for place in self.0 {
            let image =
                read(work.session()?, &place)?.and_then(|bytes| decoded(&bytes, place.scale));
            images.push((place, image));
        }
        Ok(images)
    }
}

/// Decodes the image that a value is, as large as a form shows it; `None` where it is none that can be shown.
#[derive(Clone, Debug)]
pub struct DecodeImage(pub Arc<Value>);

impl Task for DecodeImage {
    type Output = Option<ColorImage>;

    fn run(self, _: &mut Work<'_>) -> Result<Self::Output> {
        Ok(match &*self.0 {
            Value::Bytes(bytes) => decoded(bytes, ImageScale::Form),
            _ => None,
        })
    }
}

fn read(session: &mut dyn DynSession, place: &ImagePlace) -> Result<Option<Vec<u8>>> {
    let mut repository = session.repository(place.table)?;
    let filter = Filter::key(repository.meta(), &place.key);
    // Not the whole row: what else is in it may be of any length.
    let query = <Query>::new().filter(filter).limit(1).preview(LONGEST_IMAGE);
    let mut row = repository.list(&query)?.pop();
    let value = row.as_mut().and_then(|row| row.0.get_mut(place.column)).map(std::mem::take);
    Ok(match value {
        Some(Value::Bytes(bytes)) => Some(bytes),
        _ => None,
    })
}

/// Decodes the image that a file holds, no larger than it is shown.
fn decoded(file: &[u8], scale: ImageScale) -> Option<ColorImage> {
    let format = match BlobKind::of(file)? {
        BlobKind::Png => ImageFormat::Png,
        BlobKind::Jpeg => ImageFormat::Jpeg,
        BlobKind::Gif => ImageFormat::Gif,
        BlobKind::WebP => ImageFormat::WebP,
        BlobKind::Pdf | BlobKind::Zip | BlobKind::Gzip => return None,
    };
    match upright(file, format) {
        Ok(image) => {
            let side = scale.side();
            let is_larger = image.width() > side || image.height() > side;
            let image = if is_larger { image.thumbnail(side, side) } else { image }.into_rgba8();
            let size = [image.width() as usize, image.height() as usize];
            Some(ColorImage::from_rgba_unmultiplied(size, image.as_raw()))
        }
        Err(error) => {
            tracing::debug!(%error, "an image cannot be shown");
            None
        }
    }
}

/// Decodes the image and turns it as its camera was held.
fn upright(file: &[u8], format: ImageFormat) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let image = DynamicImage::new_rgb8(width, height);
        image.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    #[test]
    fn images_of_every_kind_are_made_small_and_keep_their_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let image = decoded(&file(200, 100, format), ImageScale::Line).unwrap();
            assert_eq!(image.size, [64, 32], "{format:?}");
        }
    }

    #[test]
    fn a_small_image_is_not_made_larger() {
        let image = decoded(&file(16, 16, ImageFormat::Png), ImageScale::Form).unwrap();
        assert_eq!(image.size, [16, 16]);
    }

    #[test]
    fn a_broken_image_is_none() {
        let mut broken = file(200, 100, ImageFormat::Png);
        broken.truncate(60);
        assert!(decoded(&broken, ImageScale::Line).is_none());
        assert!(decoded(b"\xff\xd8\xff\xe0 no image at all", ImageScale::Line).is_none());
        assert!(decoded(b"%PDF-1.7", ImageScale::Line).is_none());
    }
}
