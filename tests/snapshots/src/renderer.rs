//! The renderer of the pictures.

use std::iter;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use egui::{FullOutput, TexturesDelta};
use egui_kittest::TestRenderer;
use egui_wgpu::{
    RenderState, RendererOptions, ScreenDescriptor, WgpuConfiguration, WgpuSetup,
    WgpuSetupCreateNew,
};
use image::RgbaImage;

/// How long one picture may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// What to do where the device is lacking.
const LACKING: &str = "there is no lavapipe, Mesa's software Vulkan, to draw with: run `cargo xtask \
                       test`, which installs it, or `apt-get install libvulkan1 mesa-vulkan-drivers`";

/// Bytes of a pixel.
const PIXEL: u32 = 4;

/// Draws with lavapipe and nothing else: another device would draw other edges of letters.
pub struct Lavapipe {
    state: RenderState,
}

impl Lavapipe {
    /// The device, made ready.
    ///
    /// # Errors
    ///
    /// If lavapipe is not installed; the message says which packages are lacking.
    pub fn new() -> Result<Self, String> {
        let mut setup = WgpuSetupCreateNew::without_display_handle();
        setup.instance_descriptor.backends = wgpu::Backends::VULKAN;
        setup.native_adapter_selector = Some(Arc::new(|adapters, _surface| {
            let is_lavapipe = |adapter: &&wgpu::Adapter| {
                let information = adapter.get_info();
                information.device_type == wgpu::DeviceType::Cpu
                    && information.name.contains("llvmpipe")
            };
            adapters.iter().find(is_lavapipe).cloned().ok_or_else(|| LACKING.to_owned())
        }));
        let setup = WgpuSetup::CreateNew(setup);
        let instance = pollster::block_on(setup.new_instance());
        let configuration = WgpuConfiguration { wgpu_setup: setup, ..Default::default() };
        let state = RenderState::create(
            &configuration,
            &instance,
            None,
            // The same colours on every device, without dithering.
            RendererOptions::PREDICTABLE,
        );
        let state = pollster::block_on(state).map_err(|error| format!("{LACKING} ({error})"))?;
        Ok(Self { state })
    }

    fn texture(&self, [width, height]: [u32; 2]) -> wgpu::Texture {
        self.state.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("window"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: self.state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        })
    }

    /// Reads a picture back.
    fn read(&self, texture: &wgpu::Texture) -> Result<RgbaImage, String> {
        let row = texture.width() * PIXEL;
        // The device wants rows that begin at round addresses.
        let padded = row.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = self.state.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: u64::from(padded) * u64::from(texture.height()),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder =
            self.state.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded),
                    rows_per_image: None,
                },
            },
            texture.size(),
        );
        self.state.queue.submit(iter::once(encoder.finish()));
        let (sender, receiver) = sync_channel(1);
        buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
            // Whoever waits has given up where this fails.
            let _ = sender.send(result);
        });
        self.wait()?;
        receiver
            .recv()
            .map_err(|error| error.to_string())?
            .map_err(|error| format!("cannot read the picture: {error}"))?;
        let bytes = buffer
            .slice(..)
            .get_mapped_range()
            .map_err(|error| format!("cannot read the picture: {error}"))?;
        let row = row as usize;
        let pixels: Vec<u8> = bytes
            .chunks_exact(padded as usize)
            .flat_map(|line| line.iter().take(row))
            .copied()
            .collect();
        RgbaImage::from_raw(texture.width(), texture.height(), pixels)
            .ok_or_else(|| "the picture has lost rows".to_owned())
    }

    fn wait(&self) -> Result<(), String> {
        let wait = wgpu::PollType::Wait { submission_index: None, timeout: Some(DEADLINE) };
        self.state
            .device
            .poll(wait)
            .map(|_status| ())
            .map_err(|error| format!("the picture is not ready in time: {error}"))
    }
}

impl TestRenderer for Lavapipe {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut renderer = self.state.renderer.write();
        for (id, images) in delta.set.drain() {
            for image in images {
                renderer.update_texture(&self.state.device, &self.state.queue, id, &image);
            }
        }
        for id in delta.free.drain() {
            renderer.free_texture(&id);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a window has a few thousand pixels"
    )]
    fn render(
        &mut self,
        context: &egui::Context,
        output: &FullOutput,
    ) -> Result<RgbaImage, String> {
        let scale = context.pixels_per_point();
        let size = context.content_rect().size() * scale;
        let screen = ScreenDescriptor {
            pixels_per_point: scale,
            size_in_pixels: [size.x.round() as u32, size.y.round() as u32],
        };
        let shapes = context.tessellate(output.shapes.clone(), scale);
        let texture = self.texture(screen.size_in_pixels);
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        let RenderState { device, queue, renderer, .. } = &self.state;
        let mut renderer = renderer.write();
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let buffers = renderer.update_buffers(device, queue, &mut encoder, &shapes, &screen);
        // What nothing is drawn on has the window's own colour, as the admin has it.
        let [r, g, b, a] =
            context.global_style().visuals.panel_fill.to_normalized_gamma_f32().map(f64::from);
        let attachment = wgpu::RenderPassColorAttachment {
            view: &view,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a }),
                store: wgpu::StoreOp::Store,
            },
            depth_slice: None,
        };
        let mut pass = encoder
            .begin_render_pass(&wgpu::RenderPassDescriptor {
                label: Some("window"),
                color_attachments: &[Some(attachment)],
                ..Default::default()
            })
            .forget_lifetime();
        renderer.render(&mut pass, &shapes, &screen);
        drop(pass);
        queue.submit(buffers.into_iter().chain(iter::once(encoder.finish())));
        drop(renderer);
        self.read(&texture)
    }
}
