//! What training keeps besides the model: optimizers in the layouts of several Burns, and schedulers.
use crate::model::{base32_dnssec, pid, save_item, Bytes, DataSerialize, Format, Rng, Settings};
use serde::{ser::SerializeMap, Serialize, Serializer};
use std::marker::PhantomData;
use std::path::Path;

/// A dtype by its number in the numbering of one Burn, and its name in all.
struct Dt(u32, &'static str);
impl Serialize for Dt {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_unit_variant("DType", self.0, self.1) }
}
#[derive(Serialize)]
struct Td { bytes: Bytes, shape: Vec<usize>, dtype: Dt }
#[derive(Serialize)]
#[serde(untagged)]
enum T { F32(DataSerialize<f32>), F16(DataSerialize<half::f16>), F64(DataSerialize<f64>), Bytes(Td) }

/// A field that only some Burns have.
enum Since<X> { Absent, There(X) }
impl<X> Since<X> {
    fn absent(&self) -> bool { matches!(self, Since::Absent) }
    fn of(there: bool, x: impl FnOnce() -> X) -> Self { if there { Since::There(x()) } else { Since::Absent } }
}
impl<X: Serialize> Serialize for Since<X> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self { Since::There(x) => x.serialize(s), Since::Absent => unreachable!() }
    }
}

#[derive(Serialize)] struct WeightDecay { grad_last_step: T }
#[derive(Serialize)] struct AdaptiveMomentum { time: usize, moment_1: T, moment_2: T, #[serde(skip_serializing_if = "Since::absent")] max_moment_2: Since<Option<T>> }
#[derive(Serialize)] struct Adam { #[serde(skip_serializing_if = "Since::absent")] weight_decay: Since<Option<WeightDecay>>, momentum: AdaptiveMomentum }
#[derive(Serialize)] struct Velocity { velocity: T }
#[derive(Serialize)] struct Sgd { #[serde(skip_serializing_if = "Since::absent")] weight_decay: Since<Option<WeightDecay>>, momentum: Option<Velocity> }
#[derive(Serialize)] struct LrDecay { time: usize, sum: T }
#[derive(Serialize)] struct AdaGrad { lr_decay: LrDecay }
#[derive(Serialize)] struct SquareAvg { square_avg: T }
#[derive(Serialize)] struct Centered { grad_avg: Option<T>, avg: T }
#[derive(Serialize)] struct Buf { buf: T }
#[derive(Serialize)] struct RmsProp { square_avg: SquareAvg, centered: Centered, momentum: Option<Buf> }
#[derive(Serialize)] struct Muon { momentum: Velocity }
#[derive(Serialize)] enum Part { Linear(usize), Cosine(usize), Exponential(f64), Noam(usize) }
#[derive(Serialize)] struct Composed { schedulers: Vec<Part> }

/// `{"<id>": {"V1": {"Rank2": state}}}`, in the order given: Burn's is random.
struct States<X> { entries: Vec<(String, usize, X)>, first_rank: usize }
struct V1<'a, X> { rank: usize, first_rank: usize, state: &'a X }
struct Ranked<'a, X>(V1<'a, X>);
const RANKS: [&str; 9] = ["Rank0", "Rank1", "Rank2", "Rank3", "Rank4", "Rank5", "Rank6", "Rank7", "Rank8"];
impl<X: Serialize> Serialize for V1<'_, X> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_newtype_variant("AdaptorRecordItemV1", (self.rank - self.first_rank) as u32, RANKS[self.rank], self.state)
    }
}
impl<X: Serialize> Serialize for Ranked<'_, X> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_newtype_variant("AdaptorRecordItem", 0, "V1", &self.0) }
}
impl<X: Serialize> Serialize for States<X> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.entries.len()))?;
        for (id, rank, state) in &self.entries {
            map.serialize_entry(id, &Ranked(V1 { rank: *rank, first_rank: self.first_rank, state }))?;
        }
        map.end()
    }
}

#[derive(Serialize)] struct Meta { float: String, int: String, format: String, version: String, settings: String }
#[derive(Serialize)] struct RecOld<'a, I> { metadata: Meta, item: &'a I }
#[derive(Serialize)] struct RecNew<'a, I> { metadata: Meta, item: &'a I, _b: PhantomData<u8> }

/// One Burn, by the minor number of its version.
#[derive(Clone, Copy)]
struct Burn { minor: usize, version: &'static str }
const BURNS: [Burn; 9] = [
    Burn { minor: 8, version: "0.8.0" }, Burn { minor: 11, version: "0.11.1" }, Burn { minor: 12, version: "0.12.1" },
    Burn { minor: 13, version: "0.13.2" }, Burn { minor: 14, version: "0.14.0" }, Burn { minor: 16, version: "0.16.1" },
    Burn { minor: 17, version: "0.17.0" }, Burn { minor: 20, version: "0.20.1" }, Burn { minor: 21, version: "0.21.0" },
];
impl Burn {
    fn save<I: Serialize>(self, dir: &Path, stem: &str, st: Settings, item: &I) {
        for f in Format::ALL {
            let int = if self.minor < 12 && st == Settings::Full { "f32" } else { st.int() };
            let metadata = Meta {
                float: st.float().into(), int: int.into(),
                format: format!("burn_core::record::file::{}<burn_core::record::settings::{}>", f.recorder(), st.name()),
                version: self.version.into(), settings: st.name().into(),
            };
            let path = dir.join(format!("{stem}-v0.{}.{}.{}", self.minor, st.short(), f.ext()));
            if self.minor < 12 { save_item(f, &RecOld { metadata, item }, &path).unwrap() } else { save_item(f, &RecNew { metadata, item, _b: PhantomData }, &path).unwrap() }
        }
    }
    fn id(self, n: u64) -> String {
        let mixed = n.wrapping_mul(0x9E3779B97F4A7C15);
        match self.minor {
            0..=13 => format!("30b82c23-788d-4d63-a743-ada258d5f1{n:02x}"),
            14 => base32_dnssec(&mixed.to_le_bytes()[..6]),
            _ => pid(mixed),
        }
    }
    fn tensor(self, st: Settings, r: &mut Rng, shape: &[usize]) -> T {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| r.f()).collect();
        let shape = shape.to_vec();
        if self.minor < 14 {
            return match st {
                Settings::Full => T::F32(DataSerialize { value: values, shape }),
                Settings::Half => T::F16(DataSerialize { value: values.iter().map(|x| half::f16::from_f32(*x)).collect(), shape }),
                Settings::Double => T::F64(DataSerialize { value: values.iter().map(|x| *x as f64).collect(), shape }),
            };
        }
        let dtype = match st { Settings::Full => Dt(1, "F32"), Settings::Double => Dt(0, "F64"), Settings::Half => Dt(if self.minor < 17 { 2 } else { 3 }, "F16") };
        T::Bytes(Td { bytes: Bytes(crate::model::conv_float(&values, st).0), shape, dtype })
    }
    /// A matrix and a vector, the later id first, and from 0.13 on a scalar.
    fn states<X>(self, st: Settings, state: impl Fn(&mut dyn FnMut() -> T, usize) -> X) -> States<X> {
        let mut r = Rng(0x9E3779B97F4A7C15);
        let shapes: &[(u64, &[usize])] = if self.minor < 13 { &[(7, &[3, 2]), (2, &[4])] } else { &[(7, &[3, 2]), (2, &[4]), (5, &[])] };
        let entries = shapes.iter().map(|(id, shape)| (self.id(*id), shape.len(), state(&mut || self.tensor(st, &mut r, shape), shape.len()))).collect();
        States { entries, first_rank: if self.minor < 13 { 1 } else { 0 } }
    }
}

pub fn write(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    for st in [Settings::Full, Settings::Half, Settings::Double] {
        for burn in BURNS {
            let decayed = burn.minor <= 8;
            let adam = |last: bool, max: bool| burn.states(st, |t, _| Adam {
                weight_decay: Since::of(last, || Some(WeightDecay { grad_last_step: t() })),
                momentum: AdaptiveMomentum { time: 1600, moment_1: t(), moment_2: t(), max_moment_2: Since::of(burn.minor >= 21, || if max { Some(t()) } else { None }) },
            });
            burn.save(dir, "adam", st, &adam(decayed, false));
            burn.save(dir, "adamw", st, &adam(false, false));
            burn.save(dir, "amsgrad", st, &adam(decayed, true));
            let sgd = |velocity: bool| burn.states(st, |t, rank| Sgd {
                weight_decay: Since::of(decayed, || if rank == 2 { Some(WeightDecay { grad_last_step: t() }) } else { None }),
                momentum: if velocity { Some(Velocity { velocity: t() }) } else { None },
            });
            burn.save(dir, "sgd", st, &sgd(true));
            burn.save(dir, "sgd-plain", st, &sgd(false));
            burn.save(dir, "adagrad", st, &burn.states(st, |t, rank| AdaGrad { lr_decay: LrDecay { time: 300 + rank, sum: t() } }));
            let rms = |full: bool| burn.states(st, |t, _| RmsProp {
                square_avg: SquareAvg { square_avg: t() },
                centered: Centered { grad_avg: if full { Some(t()) } else { None }, avg: t() },
                momentum: if full { Some(Buf { buf: t() }) } else { None },
            });
            burn.save(dir, "rmsprop", st, &rms(false));
            burn.save(dir, "rmsprop-centered", st, &rms(true));
            if burn.minor >= 20 {
                burn.save(dir, "muon", st, &burn.states(st, |t, _| Muon { momentum: Velocity { velocity: t() } }));
                burn.save(dir, "composed", st, &Composed { schedulers: vec![Part::Linear(251), Part::Cosine(usize::MAX), Part::Exponential(0.1), Part::Noam(1600)] });
            }
            burn.save(dir, "linear", st, &70000usize);
            burn.save(dir, "cosine", st, &3usize);
            burn.save(dir, "constant", st, &());
            burn.save(dir, "exponential", st, &1e-5f64);
            burn.save(dir, "step", st, &12i32);
        }
    }
}
