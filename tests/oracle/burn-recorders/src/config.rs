//! Configs as Burn's `Config` derive hands them to serde_json: required fields, then options, then those with a default; enums
//! tagged by their variant. `sample` writes configs of its own making, `again` reads configs and writes them anew.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
enum Mode {
    Slow,
    Fast,
    #[serde(rename = "very-fast")]
    VeryFast,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct MlpConfig {
    hidden: i32,
    dropout: f64,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Clip {
    Value(f32),
    Norm(f64),
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Padding {
    Same,
    Valid,
    Explicit(i32, u32),
    Uniform { min: f64, max_value: f64 },
    Filled { value: i64, note: Option<String> },
    Nested(MlpConfig),
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct OptimConfig {
    weight_decay: f32,
    clip: Option<Clip>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct TrainingConfig {
    name: String,
    optim: OptimConfig,
    seed: u64,
    offset: i64,
    steps: u32,
    small: i16,
    port: u16,
    tiny: i8,
    level: u8,
    rate: f32,
    epsilon: f64,
    shuffle: bool,
    letter: char,
    mode: Mode,
    padding: Padding,
    layers: Vec<MlpConfig>,
    milestones: Vec<f64>,
    kernel_size: [i32; 2],
    pair: (i32, String),
    counts: BTreeMap<String, i32>,
    by_index: BTreeMap<i32, Option<Padding>>,
    limit: Option<i32>,
    note: Option<String>,
    sizes: Option<Vec<i32>>,
    num_epochs: i32,
    fallback: Mode,
    warmup: Option<f64>,
    norm_1: bool,
    strides: Vec<i32>,
}

/// xorshift64*: the same configs every time.
struct Draw(u64);

impl Draw {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }
    fn double(&mut self) -> f64 {
        loop {
            let value = match self.below(4) {
                0 => self.below(100) as f64 / 8.0,
                1 => [0.0, -0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e16, 1e-5, 0.1, 1e300][self.below(9) as usize],
                _ => f64::from_bits(self.bits()),
            };
            if value.is_finite() {
                return value;
            }
        }
    }
    fn single(&mut self) -> f32 {
        loop {
            let value = match self.below(3) {
                0 => [0.0, f32::MAX, f32::MIN_POSITIVE, 1e-45, 16777216.0, 1e14, 0.1][self.below(7) as usize],
                _ => f32::from_bits(self.bits() as u32),
            };
            if value.is_finite() {
                return value;
            }
        }
    }
    fn text(&mut self) -> String {
        const LETTERS: [char; 16] = ['a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\r', '\t', '\u{8}', '\u{c}', '\u{1f}', '\u{7f}', 'ä', '😀'];
        (0..self.below(9)).map(|_| LETTERS[self.below(16) as usize]).collect()
    }
    fn list<T>(&mut self, item: impl Fn(&mut Draw) -> T) -> Vec<T> {
        (0..self.below(4)).map(|_| item(self)).collect()
    }
    fn option<T>(&mut self, item: impl Fn(&mut Draw) -> T) -> Option<T> {
        if self.below(2) == 0 { None } else { Some(item(self)) }
    }
    fn mode(&mut self) -> Mode {
        [Mode::Slow, Mode::Fast, Mode::VeryFast][self.below(3) as usize]
    }
    fn mlp(&mut self) -> MlpConfig {
        MlpConfig { hidden: self.bits() as i32, dropout: self.double() }
    }
    fn padding(&mut self) -> Padding {
        match self.below(6) {
            0 => Padding::Same,
            1 => Padding::Valid,
            2 => Padding::Explicit(self.bits() as i32, self.bits() as u32),
            3 => Padding::Uniform { min: self.double(), max_value: self.double() },
            4 => Padding::Filled { value: self.bits() as i64, note: self.option(Draw::text) },
            _ => Padding::Nested(self.mlp()),
        }
    }
    fn config(&mut self) -> TrainingConfig {
        TrainingConfig {
            name: self.text(),
            optim: OptimConfig {
                weight_decay: self.single(),
                clip: self.option(|d| if d.below(2) == 0 { Clip::Value(d.single()) } else { Clip::Norm(d.double()) }),
            },
            seed: if self.below(3) == 0 { u64::MAX } else { self.bits() },
            offset: if self.below(3) == 0 { i64::MIN } else { self.bits() as i64 },
            steps: self.bits() as u32,
            small: self.bits() as i16,
            port: self.bits() as u16,
            tiny: self.bits() as i8,
            level: self.bits() as u8,
            rate: self.single(),
            epsilon: self.double(),
            shuffle: self.below(2) == 0,
            letter: ['x', '"', 'ß', '\n', '\u{fffd}'][self.below(5) as usize],
            mode: self.mode(),
            padding: self.padding(),
            layers: self.list(Draw::mlp),
            milestones: self.list(Draw::double),
            kernel_size: [self.bits() as i32, self.bits() as i32],
            pair: (self.bits() as i32, self.text()),
            counts: (0..self.below(4)).map(|_| (self.text(), self.bits() as i32)).collect(),
            by_index: (0..self.below(4)).map(|_| (self.bits() as i32, self.option(Draw::padding))).collect(),
            limit: self.option(|d| d.bits() as i32),
            note: self.option(Draw::text),
            sizes: self.option(|d| d.list(|d| d.bits() as i32)),
            num_epochs: self.bits() as i32,
            fallback: self.mode(),
            warmup: self.option(Draw::double),
            norm_1: self.below(2) == 0,
            strides: self.list(|d| d.bits() as i32),
        }
    }
}

/// Burn's `Config::save`.
fn save(config: &TrainingConfig, path: &Path) {
    std::fs::write(path, serde_json::to_string_pretty(config).unwrap()).unwrap();
}

pub fn sample(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let mut draw = Draw(0x9E37_79B9_7F4A_7C15);
    for index in 0..300 {
        save(&draw.config(), &dir.join(format!("{index}.json")));
    }
}

pub fn again(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let config: TrainingConfig = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        save(&config, &to.join(path.file_name().unwrap()));
    }
}
