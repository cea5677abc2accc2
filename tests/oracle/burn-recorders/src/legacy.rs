//! Test vectors for every *layout generation* of Burn records.
use crate::model::{base32_dnssec, conv_float, pid, DataSerialize, Empty, Format, ParamSerde, Rng, Settings, Bytes, BoolStore};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::path::Path;

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum D14 { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U8, Bool, QFloat }
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum D16 { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool, QFloat }
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum D17 { F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool, QFloat }
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Debug)]
pub enum D21 { F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool(BoolStore), QFloat }
pub trait Dt: Serialize + Copy { const F32: Self; const F16: Self; const F64: Self; const I32: Self; const I16: Self; const I64: Self; const BOOL: Self; }
macro_rules! dt { ($t:ident, $b:expr) => { impl Dt for $t { const F32: Self = $t::F32; const F16: Self = $t::F16; const F64: Self = $t::F64; const I32: Self = $t::I32; const I16: Self = $t::I16; const I64: Self = $t::I64; const BOOL: Self = $b; } } }
dt!(D14, D14::Bool); dt!(D16, D16::Bool); dt!(D17, D17::Bool); dt!(D21, D21::Bool(BoolStore::Native));

#[derive(Serialize, Clone)] pub struct Td<D> { pub bytes: Bytes, pub shape: Vec<usize>, pub dtype: D }
#[derive(Serialize)] pub struct Meta { float: String, int: String, format: String, version: String, settings: String }
#[derive(Serialize)] struct RecOld<I> { metadata: Meta, item: I }                       // <= 0.11: no `_b`
#[derive(Serialize)] pub struct RecNew<I> { pub metadata: Meta, pub item: I, pub _b: PhantomData<u8> }   // >= 0.12
#[derive(Serialize)] struct Conv<F, A> { weight: ParamSerde<F>, bias: Option<ParamSerde<F>>, stride: A, kernel_size: A, dilation: A, groups: Empty, padding: Empty }
#[derive(Serialize)] struct Lin<F> { weight: ParamSerde<F>, bias: Option<ParamSerde<F>> }
#[derive(Serialize)] struct Item<F, I, B, A> { conv: Conv<F, A>, steps: ParamSerde<I>, mask: ParamSerde<B>, pool: Empty, fc: Lin<F>, ratio: Empty }

const INTS: [i64; 4] = [-1, 0, 127, 30000];
const BOOLS: [bool; 3] = [true, false, true];
fn floats(n: usize, r: &mut Rng) -> Vec<f32> { (0..n).map(|_| r.f()).collect() }
pub fn meta(f: Format, st: Settings, ver: &str, int: &str) -> Meta {
    Meta { float: st.float().into(), int: int.into(), format: format!("burn_core::record::file::{}<burn_core::record::settings::{}>", f.recorder(), st.name()), version: ver.into(), settings: st.name().into() }
}
fn save<T: Serialize>(dir: &Path, gen: &str, st: Settings, f: Format, v: &T) {
    let p = dir.join(format!("{gen}.{}.{}", st.short(), f.ext())); crate::model::save_item(f, v, &p).unwrap();
    println!("{:>7}  {}", std::fs::metadata(&p).unwrap().len(), p.display());
}
pub fn uuid(n: u8) -> String { format!("30b82c23-788d-4d63-a743-ada258d5f1{n:02x}") }
fn old_items<E: Serialize, I: Serialize, A: Serialize, FE: Fn(f32) -> E, FI: Fn(i64) -> I, FA: Fn() -> A>(fe: FE, fi: FI, fa: FA) -> Item<DataSerialize<E>, DataSerialize<I>, DataSerialize<bool>, A> {
    let mut r = Rng(0x9E3779B97F4A7C15);
    let mut p = |id: u8, sh: &[usize]| ParamSerde { id: uuid(id), param: DataSerialize { value: floats(sh.iter().product(), &mut r).into_iter().map(&fe).collect(), shape: sh.to_vec() } };
    Item { conv: Conv { weight: p(1, &[2, 1, 3, 3]), bias: Some(p(2, &[2])), stride: fa(), kernel_size: fa(), dilation: fa(), groups: Empty, padding: Empty },
        steps: ParamSerde { id: uuid(3), param: DataSerialize { value: INTS.iter().map(|x| fi(*x)).collect(), shape: vec![4] } },
        mask: ParamSerde { id: uuid(4), param: DataSerialize { value: BOOLS.to_vec(), shape: vec![3] } }, pool: Empty, fc: Lin { weight: p(5, &[3, 2]), bias: None }, ratio: Empty }
}
fn new_items<D: Dt, A: Serialize>(st: Settings, ids: &dyn Fn(u64) -> String, fa: impl Fn() -> A) -> Item<Td<D>, Td<D>, Td<D>, A> {
    let mut r = Rng(0x9E3779B97F4A7C15);
    let fd = match st { Settings::Full => D::F32, Settings::Half => D::F16, Settings::Double => D::F64 };
    let mut p = |id: u64, sh: &[usize]| ParamSerde { id: ids(id), param: Td { bytes: Bytes(conv_float(&floats(sh.iter().product(), &mut r), st).0), shape: sh.to_vec(), dtype: fd } };
    let (ib, id) = match st { Settings::Full => (INTS.iter().flat_map(|x| (*x as i32).to_le_bytes()).collect::<Vec<u8>>(), D::I32), Settings::Half => (INTS.iter().flat_map(|x| (*x as i16).to_le_bytes()).collect(), D::I16), Settings::Double => (INTS.iter().flat_map(|x| x.to_le_bytes()).collect(), D::I64) };
    Item { conv: Conv { weight: p(1, &[2, 1, 3, 3]), bias: Some(p(2, &[2])), stride: fa(), kernel_size: fa(), dilation: fa(), groups: Empty, padding: Empty },
        steps: ParamSerde { id: ids(3), param: Td { bytes: Bytes(ib), shape: vec![4], dtype: id } },
        mask: ParamSerde { id: ids(4), param: Td { bytes: Bytes(BOOLS.iter().map(|b| *b as u8).collect()), shape: vec![3], dtype: D::BOOL } }, pool: Empty, fc: Lin { weight: p(5, &[3, 2]), bias: None }, ratio: Empty }
}
pub fn write(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let h = |x: f32| half::f16::from_f32(x); let e2 = || [Empty, Empty]; let v2 = || vec![Empty, Empty];
    for f in Format::ALL {
        use Settings::*;
        // G1: 0.11 (0.7-0.10 the same but without Int/Bool Params).  Full stores ints as f32.
        save(dir, "g1-v0.11", Full, f, &RecOld { metadata: meta(f, Full, "0.11.1", "f32"), item: old_items(|x| x, |i| i as f32, v2) });
        save(dir, "g1-v0.11", Half, f, &RecOld { metadata: meta(f, Half, "0.11.1", "i16"), item: old_items(h, |i| i as i16, v2) });
        save(dir, "g1-v0.11", Double, f, &RecOld { metadata: meta(f, Double, "0.11.1", "i64"), item: old_items(|x| x as f64, |i| i, v2) });
        // G2: 0.12 - 0.13
        save(dir, "g2-v0.13", Full, f, &RecNew { metadata: meta(f, Full, "0.13.2", "i32"), item: old_items(|x| x, |i| i as i32, e2), _b: PhantomData });
        save(dir, "g2-v0.13", Half, f, &RecNew { metadata: meta(f, Half, "0.13.2", "i16"), item: old_items(h, |i| i as i16, e2), _b: PhantomData });
        save(dir, "g2-v0.13", Double, f, &RecNew { metadata: meta(f, Double, "0.13.2", "i64"), item: old_items(|x| x as f64, |i| i, e2), _b: PhantomData });
        for st in [Full, Half, Double] {
            let id6 = |n: u64| base32_dnssec(&(n.wrapping_mul(0x9E3779B97F4A7C15)).to_le_bytes()[..6]); let id8 = |n: u64| pid(n.wrapping_mul(0x9E3779B97F4A7C15));
            save(dir, "g3-v0.14", st, f, &RecNew { metadata: meta(f, st, "0.14.0", st.int()), item: new_items::<D14, _>(st, &id6, e2), _b: PhantomData });
            save(dir, "g3-v0.15", st, f, &RecNew { metadata: meta(f, st, "0.15.0", st.int()), item: new_items::<D14, _>(st, &id8, e2), _b: PhantomData });
            save(dir, "g4-v0.16", st, f, &RecNew { metadata: meta(f, st, "0.16.1", st.int()), item: new_items::<D16, _>(st, &id8, e2), _b: PhantomData });
            save(dir, "g5-v0.20", st, f, &RecNew { metadata: meta(f, st, "0.20.1", st.int()), item: new_items::<D17, _>(st, &id8, e2), _b: PhantomData });
            save(dir, "g6-v0.21", st, f, &RecNew { metadata: meta(f, st, "0.21.0", st.int()), item: new_items::<D21, _>(st, &id8, || Empty), _b: PhantomData });
        }
    }
}
