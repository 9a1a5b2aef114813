//! Frames without a window: the pass over the widgets and the triangles it ends in, while a person
//! scrolls fast; and what memory becomes of long scrolling.

use std::process::Command;
use std::time::{Duration, Instant};

use admin_gui::settings::Settings;
use admin_gui::{AdminApp, Options};
use anyhow::{Result, ensure};
use bench_sizes::thousands;
use eframe::App as _;
use egui::accesskit::Role;
use egui::{
    Context, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2,
    RawInput, Rect, TouchPhase, ViewportId, pos2, vec2,
};
use rustix::time::{ClockId, clock_gettime};

use crate::process::{self, megabytes};
use crate::report::milliseconds;
use crate::shop::{Engine, Shop};

/// The window.
const SIZE: [f32; 2] = [1_400.0, 860.0];
/// Frames a second of a usual screen.
const RATE: f64 = 60.0;
/// How often one waits for the rows that come meanwhile, in random scrolling.
const BREATH: Duration = Duration::from_millis(2);
/// How long the first rows and the survey may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// Where the rows and their scroll bar are, in points.
const ROWS: Pos2 = pos2(800.0, 480.0);
const BAR: f32 = SIZE[0] - 6.0;
const BAR_TOP: f32 = 170.0;
const BAR_BOTTOM: f32 = 800.0;

/// Of what, and how much.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The SQLite file.
    #[arg(long)]
    database: String,
    /// How many books it has.
    #[arg(long)]
    books: u64,
    /// Frames of each gesture.
    #[arg(long)]
    frames: usize,
    /// Frames of random scrolling.
    #[arg(long)]
    scrolling: usize,
}

/// Does it in a process of its own, whose memory is nothing else's.
///
/// # Errors
/// When it fails.
pub fn in_a_process(shop: &Shop, frames: usize, scrolling: usize) -> Result<()> {
    let status = Command::new(std::env::current_exe()?)
        .args(["frames", "--database", &shop.url])
        .args(["--books", &shop.books.to_string(), "--frames", &frames.to_string()])
        .args(["--scrolling", &scrolling.to_string()])
        .status()?;
    ensure!(status.success(), "{status}");
    Ok(())
}

/// The admin without a window.
struct Headless {
    context: Context,
    app: AdminApp,
    frame: eframe::Frame,
    begun: Instant,
    /// Whether the last frame asked for another one at once.
    wants_another: bool,
}

impl Headless {
    fn open(shop: &Shop) -> Result<Self> {
        let context = Context::default();
        let options = Options { settings: Settings::default(), ..Options::default() };
        let app = AdminApp::new(&context, shop.catalog()?, options)?;
        let frame = eframe::Frame::_new_kittest();
        Ok(Self { context, app, frame, begun: Instant::now(), wants_another: true })
    }

    /// Draws a frame; how long that took.
    fn frame(&mut self, events: Vec<Event>) -> Took {
        self.pass(events).0
    }

    fn pass(&mut self, events: Vec<Event>) -> (Took, egui::FullOutput) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE.into())),
            time: Some(self.begun.elapsed().as_secs_f64()),
            predicted_dt: 1.0 / RATE as f32,
            events,
            focused: true,
            ..RawInput::default()
        };
        let (begun, cpu_begun) = (Instant::now(), cpu_time());
        let (app, frame) = (&mut self.app, &mut self.frame);
        let mut output = self.context.run_ui(input, |ui| {
            let context = ui.ctx().clone();
            app.logic(&context, frame);
            app.ui(ui, frame);
        });
        let shapes = std::mem::take(&mut output.shapes);
        let triangles = self.context.tessellate(shapes, output.pixels_per_point);
        let took = Took { wall: begun.elapsed(), cpu: cpu_time().saturating_sub(cpu_begun) };
        drop(triangles);
        let root = output.viewport_output.get(&ViewportId::ROOT);
        self.wants_another =
            root.is_some_and(|root| root.repaint_delay < Duration::from_millis(50));
        (took, output)
    }

    /// Draws frames, as many a second as a screen shows.
    fn paced(&mut self, count: usize, mut events: impl FnMut(usize) -> Vec<Event>) -> Vec<Took> {
        let begun = Instant::now();
        let mut times = Vec::with_capacity(count);
        for number in 0..count {
            times.push(self.frame(events(number)));
            let next = begun + Duration::from_secs_f64((number + 1) as f64 / RATE);
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        times
    }

    /// The number of the topmost row and whether it has been read, as a screen reader is told.
    fn top(&mut self) -> Option<(usize, bool)> {
        self.context.enable_accesskit();
        // Nodes are made from the second pass on.
        self.pass(Vec::new());
        let (_, output) = self.pass(Vec::new());
        self.context.disable_accesskit();
        let update = output.platform_output.accesskit_update?;
        let rows = update.nodes.iter().filter(|(_, node)| node.role() == Role::Row);
        rows.filter_map(|(_, node)| Some((node.row_index()?, !node.children().is_empty()))).min()
    }

    /// Draws until the window is at rest: rows read, survey complete.
    fn rest(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        let mut calm_since = None;
        loop {
            self.frame(Vec::new());
            if self.wants_another || self.context.has_requested_repaint() {
                calm_since = None;
            } else if calm_since.get_or_insert_with(Instant::now).elapsed()
                > Duration::from_millis(400)
            {
                return Ok(begun.elapsed());
            }
            ensure!(begun.elapsed() < PATIENCE, "the window does not come to rest");
            std::thread::sleep(Duration::from_millis(4));
        }
    }
}

/// What a frame took.
#[derive(Clone, Copy, Debug)]
struct Took {
    wall: Duration,
    /// Of this thread alone: what other programs do meanwhile is not in it.
    cpu: Duration,
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = Duration::from_secs(time.tv_sec.cast_unsigned());
    seconds + Duration::from_nanos(time.tv_nsec.cast_unsigned())
}

fn wheel(points: f32) -> Vec<Event> {
    vec![
        Event::PointerMoved(ROWS),
        Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        },
    ]
}

fn key(key: Key, modifiers: Modifiers) -> Vec<Event> {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    vec![event(true), event(false)]
}

fn bar(share: f32) -> Pos2 {
    pos2(BAR, BAR_TOP + (BAR_BOTTOM - BAR_TOP) * share)
}

fn button(at: Pos2, pressed: bool) -> Event {
    let button = PointerButton::Primary;
    Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE }
}

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    const fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn share(&mut self) -> f32 {
        self.below(10_001) as f32 / 10_000.0
    }
}

/// Prints everything.
///
/// # Errors
/// When a gesture does not move the rows.
pub fn run(arguments: &Arguments) -> Result<()> {
    let shop =
        Shop { books: arguments.books, engine: Engine::Sqlite, url: arguments.database.clone() };
    let me = std::process::id();
    let mut window = Headless::open(&shop)?;
    let rest = window.rest()?;
    println!(
        "\nFrames of {} × {} points over {} books: pass and tessellation\n",
        SIZE[0],
        SIZE[1],
        thousands(shop.books)
    );
    println!("at rest, survey complete, after {} ms", milliseconds(rest));
    println!(
        "{:<26}{:>8}{:>8}{:>8}{:>12}{:>8}{:>8}   from row … to row",
        "ms, of a clock and of CPU", "median", "99th", "max", "median", "99th", "max"
    );

    let count = arguments.frames;
    let idle = window.paced(count.min(120), |_| Vec::new());
    print(&mut window, "nothing happens", idle, None)?;

    let before = window.top();
    let turned = window.paced(count, |number| wheel(if number % 3 == 0 { -900.0 } else { -240.0 }));
    print(&mut window, "wheel, fast", turned, before)?;

    let before = window.top();
    let dragged = window.paced(count, |number| {
        let share = (number as f32 / count as f32 * 2.0).min(1.0) * 0.97;
        let at = bar(share);
        match number {
            0 => vec![Event::PointerMoved(at), button(at, true)],
            _ if number + 1 == count => vec![button(at, false), Event::PointerGone],
            _ => vec![Event::PointerMoved(at)],
        }
    });
    print(&mut window, "scroll bar, top to bottom", dragged, before)?;

    window.frame(key(Key::Home, Modifiers::COMMAND));
    window.rest()?;
    let before = window.top();
    let paged = window.paced(count, |_| key(Key::PageDown, Modifiers::NONE));
    print(&mut window, "Page Down, held", paged, before)?;

    scroll_at_random(&mut window, arguments.scrolling, me)
}

fn scroll_at_random(window: &mut Headless, count: usize, me: u32) -> Result<()> {
    let mut random = Random(7);
    let mut frames = Vec::with_capacity(count);
    let warm = count / 10;
    let mut early = process::memory(me)?;
    while frames.len() < count {
        let length = 20 + random.below(60);
        let kind = random.below(5);
        let speed = random.share() * 3_000.0 - 1_500.0;
        let (from, to) = (random.share(), random.share());
        for number in 0..length {
            let part = from + (to - from) * number as f32 / length as f32;
            let events = match kind {
                0 | 1 => wheel(speed),
                2 if number == 0 => vec![Event::PointerMoved(bar(part)), button(bar(part), true)],
                2 if number + 1 == length => vec![button(bar(part), false), Event::PointerGone],
                2 => vec![Event::PointerMoved(bar(part))],
                3 => key(if speed > 0.0 { Key::PageUp } else { Key::PageDown }, Modifiers::NONE),
                _ if number == 0 => {
                    key(if speed > 0.0 { Key::Home } else { Key::End }, Modifiers::COMMAND)
                }
                _ => Vec::new(),
            };
            frames.push(window.frame(events));
            std::thread::sleep(BREATH);
            if frames.len() == warm {
                early = process::memory(me)?;
            }
        }
    }
    let scrolled = frames.len();
    print(window, "at random", frames, None)?;
    let late = process::memory(me)?;
    println!(
        "\nMemory: {} after {} frames of random scrolling, {} after {}; at most {}",
        megabytes(early.resident),
        thousands(warm as u64),
        megabytes(late.resident),
        thousands(scrolled as u64),
        megabytes(late.peak)
    );
    Ok(())
}

fn print(
    window: &mut Headless,
    what: &str,
    times: Vec<Took>,
    before: Option<(usize, bool)>,
) -> Result<()> {
    ensure!(!times.is_empty(), "{what}: no frames");
    let moved = match (before, window.top()) {
        (Some((before, _)), Some((after, _))) => {
            ensure!(before != after, "{what}: still at row {before}");
            format!("{} … {}", thousands(before as u64 + 1), thousands(after as u64 + 1))
        }
        (Some(_), None) => anyhow::bail!("{what}: there are no rows"),
        (None, _) => String::new(),
    };
    let wall = quantiles(times.iter().map(|took| took.wall).collect());
    let cpu = quantiles(times.iter().map(|took| took.cpu).collect());
    println!(
        "{what:<26}{:>8}{:>8}{:>8}{:>12}{:>8}{:>8}   {moved}",
        wall[0], wall[1], wall[2], cpu[0], cpu[1], cpu[2]
    );
    Ok(())
}

/// Median, 99th percentile and maximum.
fn quantiles(mut times: Vec<Duration>) -> [String; 3] {
    times.sort();
    [0.5, 0.99, 1.0].map(|share| {
        let place = (times.len() as f64 * share) as usize;
        let place = place.min(times.len().saturating_sub(1));
        milliseconds(times.get(place).copied().unwrap_or_default())
    })
}
