use flate2::{read::GzDecoder, write::GzEncoder, Compression};
use serde::{de::DeserializeOwned, Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::marker::PhantomData;
use std::path::Path;

// ---------------------------------------------------------------- formats, settings, metadata
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Format { NamedMpk, NamedMpkGz, Bin, BinGz, PrettyJson, JsonGz }
impl Format {
    pub const ALL: [Format; 6] = [Format::NamedMpk, Format::NamedMpkGz, Format::Bin, Format::BinGz, Format::PrettyJson, Format::JsonGz];
    pub fn ext(self) -> &'static str {
        match self { Format::NamedMpk => "mpk", Format::NamedMpkGz => "mpk.gz", Format::Bin => "bin", Format::BinGz => "bin.gz", Format::PrettyJson => "json", Format::JsonGz => "json.gz" }
    }
    pub fn recorder(self) -> &'static str {
        match self { Format::NamedMpk => "NamedMpkFileRecorder", Format::NamedMpkGz => "NamedMpkGzFileRecorder", Format::Bin => "BinFileRecorder", Format::BinGz => "BinGzFileRecorder", Format::PrettyJson => "PrettyJsonFileRecorder", Format::JsonGz => "JsonGzFileRecorder" }
    }
    pub fn parse(s: &str) -> Format {
        match s { "mpk" => Format::NamedMpk, "mpk.gz" => Format::NamedMpkGz, "bin" => Format::Bin, "bin.gz" => Format::BinGz, "json" => Format::PrettyJson, "json.gz" => Format::JsonGz, _ => panic!("format {s}") }
    }
}
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Settings { Full, Half, Double }
impl Settings {
    pub fn short(self) -> &'static str { match self { Settings::Full => "full", Settings::Half => "half", Settings::Double => "double" } }
    pub fn parse(s: &str) -> Settings { match s { "full" => Settings::Full, "half" => Settings::Half, "double" => Settings::Double, _ => panic!("settings {s}") } }
    pub fn name(self) -> &'static str { match self { Settings::Full => "FullPrecisionSettings", Settings::Half => "HalfPrecisionSettings", Settings::Double => "DoublePrecisionSettings" } }
    pub fn float(self) -> &'static str { match self { Settings::Full => "f32", Settings::Half => "half::binary16::f16", Settings::Double => "f64" } }
    pub fn int(self) -> &'static str { match self { Settings::Full => "i32", Settings::Half => "i16", Settings::Double => "i64" } }
}
pub const VERSION: &str = "0.21.0";

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct BurnMetadata { pub float: String, pub int: String, pub format: String, pub version: String, pub settings: String }
impl BurnMetadata {
    pub fn of(f: Format, s: Settings) -> Self {
        BurnMetadata {
            float: s.float().into(), int: s.int().into(),
            format: format!("burn_core::record::file::{}<burn_core::record::settings::{}>", f.recorder(), s.name()),
            version: VERSION.into(), settings: s.name().into(),
        }
    }
}
#[derive(Serialize, Deserialize, Debug)]
#[serde(bound(serialize = "I: Serialize", deserialize = "I: serde::de::DeserializeOwned"))]
pub struct BurnRecord<I> { pub metadata: BurnMetadata, pub item: I, _b: PhantomData<u8> }
impl<I> BurnRecord<I> {
    pub fn new(f: Format, s: Settings, item: I) -> Self { BurnRecord { metadata: BurnMetadata::of(f, s), item, _b: PhantomData } }
}
#[derive(Serialize, Deserialize, Debug)]
pub struct BurnRecordNoItem { pub metadata: BurnMetadata }

// ---------------------------------------------------------------- recorder I/O, as Burn does it
pub fn save_item<T: Serialize>(f: Format, item: &T, path: &Path) -> Result<(), String> {
    if path.exists() { std::fs::remove_file(path).map_err(|e| e.to_string())?; }
    let mut w = BufWriter::new(File::create(path).map_err(|e| e.to_string())?);
    match f {
        Format::NamedMpk => rmp_serde::encode::write_named(&mut w, item).map_err(|e| e.to_string())?,
        Format::NamedMpkGz => { let mut g = GzEncoder::new(w, Compression::default()); rmp_serde::encode::write_named(&mut g, item).map_err(|e| e.to_string())?; return Ok(()) }
        Format::Bin => crate::binio::save(&mut w, item)?,
        Format::BinGz => { let mut g = GzEncoder::new(w, Compression::default()); crate::binio::save(&mut g, item)?; return Ok(()) }
        Format::PrettyJson => serde_json::to_writer_pretty(w, item).map_err(|e| e.to_string())?,
        Format::JsonGz => { let g = GzEncoder::new(w, Compression::default()); serde_json::to_writer(g, item).map_err(|e| e.to_string())?; }
    }
    Ok(())
}
pub fn load_item<T: DeserializeOwned>(f: Format, path: &Path) -> Result<T, String> {
    let mut r = BufReader::new(File::open(path).map_err(|e| e.to_string())?);
    Ok(match f {
        Format::NamedMpk => rmp_serde::decode::from_read(r).map_err(|e| e.to_string())?,
        Format::NamedMpkGz => rmp_serde::decode::from_read(GzDecoder::new(r)).map_err(|e| e.to_string())?,
        Format::Bin => crate::binio::load(&mut r)?,
        Format::BinGz => { let mut g = GzDecoder::new(r); crate::binio::load(&mut g)? }
        Format::PrettyJson => serde_json::from_reader(r).map_err(|e| e.to_string())?,
        Format::JsonGz => serde_json::from_reader(GzDecoder::new(r)).map_err(|e| e.to_string())?,
    })
}

// ---------------------------------------------------------------- tensor data
#[derive(PartialEq, Debug, Clone)]
pub struct Bytes(pub Vec<u8>);
impl Serialize for Bytes { fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { serde_bytes::serialize(&self.0[..], s) } }
impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let v: Vec<u8> = serde_bytes::deserialize(d)?;
        // Burn re-aligns to 16 here; on x86-64 glibc the allocation already is, so no copy.
        if (v.as_ptr() as usize) % 16 == 0 { Ok(Bytes(v)) } else { Ok(Bytes(v.clone())) }
    }
}
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum BoolStore { Native, U8, U32 }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum DType { F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool(BoolStore), QFloat(QuantScheme) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub struct QuantScheme { pub value: QuantValue, pub param: QuantParam, pub store: QuantStore, pub level: QuantLevel, pub mode: QuantMode }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum QuantValue { Q8F, E5M2, E4M3, Q4F, E2M1, Q2F, Q8S, Q4S, Q2S }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum QuantParam { F32, F16, BF16, UE8M0, UE4M3 }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum QuantStore { Native, PackedNative(usize), PackedU32(usize) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum QuantLevel { Tensor, Block(BlockSize) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub enum QuantMode { Symmetric }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone, Copy)]
pub struct BlockSize { pub storage: [u8; 5], pub len: u8 }

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct TensorData { pub bytes: Bytes, pub shape: Vec<usize>, pub dtype: DType }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct DataSerialize<E> { pub value: Vec<E>, pub shape: Vec<usize> }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct ParamSerde<T> { pub id: String, pub param: T }
pub type P = ParamSerde<TensorData>;

/// EmptyRecord / ConstantRecord: serialises as `none`; deserialises from any optional, errors swallowed.
#[derive(PartialEq, Debug, Clone, Copy, Default)]
pub struct Empty;
impl Serialize for Empty { fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_none() } }
impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> { d.deserialize_option(serde::de::IgnoredAny).ok(); Ok(Empty) }
}

/// base32 "DNSSEC": alphabet 0-9a-v, no padding, big-endian bit order
pub fn base32_dnssec(b: &[u8]) -> String {
    let al = b"0123456789abcdefghijklmnopqrstuv"; let mut out = String::new(); let (mut acc, mut n) = (0u32, 0);
    for &x in b { acc = (acc << 8) | x as u32; n += 8; while n >= 5 { out.push(al[((acc >> (n - 5)) & 31) as usize] as char); n -= 5; } }
    if n > 0 { out.push(al[((acc << (5 - n)) & 31) as usize] as char); }
    out
}
pub fn pid(n: u64) -> String { base32_dnssec(&n.to_le_bytes()) }

// deterministic pseudo-random fill
pub struct Rng(pub u64);
impl Rng {
    pub fn next(&mut self) -> u64 { self.0 ^= self.0 << 13; self.0 ^= self.0 >> 7; self.0 ^= self.0 << 17; self.0 }
    pub fn f(&mut self) -> f32 { // roughly N(0,1)*0.02, exact arithmetic on every platform
        let mut s = 0i64; for _ in 0..4 { s += (self.next() >> 40) as i64; }
        ((s - (1i64 << 25)) as f32) / ((1u32 << 24) as f32) * 0.04
    }
}
pub fn conv_float(v: &[f32], st: Settings) -> (Vec<u8>, DType) {
    match st {
        Settings::Full => (v.iter().flat_map(|x| x.to_le_bytes()).collect(), DType::F32),
        Settings::Half => (v.iter().flat_map(|x| half::f16::from_f32(*x).to_bits().to_le_bytes()).collect(), DType::F16),
        Settings::Double => (v.iter().flat_map(|x| (*x as f64).to_le_bytes()).collect(), DType::F64),
    }
}
fn conv_int(v: &[i64], st: Settings) -> (Vec<u8>, DType) {
    match st {
        Settings::Full => (v.iter().flat_map(|x| (*x as i32).to_le_bytes()).collect(), DType::I32),
        Settings::Half => (v.iter().flat_map(|x| (*x as i16).to_le_bytes()).collect(), DType::I16),
        Settings::Double => (v.iter().flat_map(|x| x.to_le_bytes()).collect(), DType::I64),
    }
}
pub struct B { pub st: Settings, pub rng: Rng, pub id: u64 }
impl B {
    pub fn new(st: Settings) -> B { B { st, rng: Rng(0x9E3779B97F4A7C15), id: 0x0123456789abcdef } }
    pub fn raw(&mut self, shape: &[usize]) -> TensorData {
        let n: usize = shape.iter().product();
        let v: Vec<f32> = (0..n).map(|_| self.rng.f()).collect();
        let (b, d) = conv_float(&v, self.st);
        TensorData { bytes: Bytes(b), shape: shape.to_vec(), dtype: d }
    }
    pub fn next_id(&mut self) -> String { self.id = self.id.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); pid(self.id) }
    pub fn p(&mut self, shape: &[usize]) -> P { let id = self.next_id(); let t = self.raw(shape); ParamSerde { id, param: t } }
}

// ---------------------------------------------------------------- module records (0.21 shapes)
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct LinearRecordItem { pub weight: P, pub bias: Option<P> }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct TinyRecordItem { pub weight: P, pub bias: Option<P>, pub activation: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct MlpRecordItem { pub fc1: LinearRecordItem, pub fc2: LinearRecordItem, pub dropout: Empty, pub activation: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct Conv2dRecordItem { pub weight: P, pub bias: Option<P>, pub stride: Empty, pub kernel_size: Empty, pub dilation: Empty, pub groups: Empty, pub padding: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct BatchNormRecordItem { pub gamma: P, pub beta: P, pub running_mean: P, pub running_var: P, pub momentum: Empty, pub epsilon: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct CnnRecordItem { pub conv1: Conv2dRecordItem, pub norm: BatchNormRecordItem, pub pool: Empty, pub fc: LinearRecordItem }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct MultiHeadAttentionRecordItem { pub query: LinearRecordItem, pub key: LinearRecordItem, pub value: LinearRecordItem, pub output: LinearRecordItem, pub dropout: Empty, pub activation: Empty, pub d_model: Empty, pub n_heads: Empty, pub d_k: Empty, pub min_float: Empty, pub quiet_softmax: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct PositionWiseFeedForwardRecordItem { pub linear_inner: LinearRecordItem, pub linear_outer: LinearRecordItem, pub dropout: Empty, pub activation: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct LayerNormRecordItem { pub gamma: P, pub beta: Option<P>, pub epsilon: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct TransformerEncoderLayerRecordItem { pub mha: MultiHeadAttentionRecordItem, pub pwff: PositionWiseFeedForwardRecordItem, pub norm_1: LayerNormRecordItem, pub norm_2: LayerNormRecordItem, pub dropout: Empty, pub norm_first: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct TransformerEncoderRecordItem { pub layers: Vec<TransformerEncoderLayerRecordItem>, pub d_model: Empty, pub d_ff: Empty, pub n_heads: Empty, pub n_layers: Empty, pub dropout: Empty, pub norm_first: Empty, pub quiet_softmax: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub enum ActivationRecordItem { Gelu(Empty), PRelu(PReluRecordItem), Relu(Empty) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct PReluRecordItem { pub alpha: P, pub alpha_value: Empty }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct UnitLike {}
/// One of everything.
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct KitchenRecordItem {
    pub none: Option<P>, pub list: Vec<LinearRecordItem>, pub empty_list: Vec<LinearRecordItem>, pub pair: (LinearRecordItem, Empty), pub array: [P; 2],
    pub act_a: ActivationRecordItem, pub act_b: ActivationRecordItem, pub int_param: P, pub bool_param: P, pub quant: P, pub quant_block: P,
    pub scalar0: P, pub zero_sized: P, pub raw_tensor: TensorData,
    pub s: String, pub b: bool, pub f32_: f32, pub f64_: f64, pub us: usize, pub u64_: u64, pub u32_: u32, pub u16_: u16, pub u8_: u8, pub i64_: i64, pub i32_: i32, pub i16_: i16, pub i8_: i8,
    pub h: half::f16, pub bf: half::bf16, pub unit: (), pub nofields: UnitLike, pub r#type: u8, pub map: BTreeMap<String, u32>, pub opt_num: Option<u32>, pub neg: i64, pub big: u64,
}
impl B {
    pub fn linear(&mut self, i: usize, o: usize, bias: bool) -> LinearRecordItem { LinearRecordItem { weight: self.p(&[i, o]), bias: if bias { Some(self.p(&[o])) } else { None } } }
    pub fn ln(&mut self, d: usize) -> LayerNormRecordItem { LayerNormRecordItem { gamma: self.p(&[d]), beta: Some(self.p(&[d])), epsilon: Empty } }
    pub fn layer(&mut self, d: usize, ff: usize) -> TransformerEncoderLayerRecordItem {
        TransformerEncoderLayerRecordItem {
            mha: MultiHeadAttentionRecordItem { query: self.linear(d, d, true), key: self.linear(d, d, true), value: self.linear(d, d, true), output: self.linear(d, d, true), dropout: Empty, activation: Empty, d_model: Empty, n_heads: Empty, d_k: Empty, min_float: Empty, quiet_softmax: Empty },
            pwff: PositionWiseFeedForwardRecordItem { linear_inner: self.linear(d, ff, true), linear_outer: self.linear(ff, d, true), dropout: Empty, activation: Empty },
            norm_1: self.ln(d), norm_2: self.ln(d), dropout: Empty, norm_first: Empty,
        }
    }
}
pub fn tiny(st: Settings) -> TinyRecordItem {
    // the worked example: 2x1 weight [1.0, -2.5], bias [0.5]
    let (w, d) = conv_float(&[1.0, -2.5], st); let (b, _) = conv_float(&[0.5], st);
    TinyRecordItem {
        weight: ParamSerde { id: pid(1), param: TensorData { bytes: Bytes(w), shape: vec![2, 1], dtype: d } },
        bias: Some(ParamSerde { id: pid(0x0123456789abcdef), param: TensorData { bytes: Bytes(b), shape: vec![1], dtype: d } }),
        activation: Empty,
    }
}
pub fn mlp(st: Settings) -> MlpRecordItem { let mut b = B::new(st); MlpRecordItem { fc1: b.linear(8, 16, true), fc2: b.linear(16, 3, false), dropout: Empty, activation: Empty } }
pub fn cnn(st: Settings) -> CnnRecordItem {
    let mut b = B::new(st);
    CnnRecordItem {
        conv1: Conv2dRecordItem { weight: b.p(&[4, 3, 3, 3]), bias: Some(b.p(&[4])), stride: Empty, kernel_size: Empty, dilation: Empty, groups: Empty, padding: Empty },
        norm: BatchNormRecordItem { gamma: b.p(&[4]), beta: b.p(&[4]), running_mean: b.p(&[4]), running_var: b.p(&[4]), momentum: Empty, epsilon: Empty },
        pool: Empty, fc: b.linear(36, 10, true),
    }
}
pub fn transformer(st: Settings, layers: usize, d: usize, ff: usize, _h: usize) -> TransformerEncoderRecordItem {
    let mut b = B::new(st);
    TransformerEncoderRecordItem { layers: (0..layers).map(|_| b.layer(d, ff)).collect(), d_model: Empty, d_ff: Empty, n_heads: Empty, n_layers: Empty, dropout: Empty, norm_first: Empty, quiet_softmax: Empty }
}
pub fn kitchen(st: Settings) -> KitchenRecordItem {
    let mut b = B::new(st);
    let (ib, id) = conv_int(&[-1, 0, 127, -128, 30000, -30000], st);
    let mut map = BTreeMap::new(); map.insert("k".to_string(), 300u32);
    KitchenRecordItem {
        none: None, list: vec![b.linear(2, 2, true), b.linear(2, 1, false)], empty_list: vec![], pair: (b.linear(1, 1, false), Empty), array: [b.p(&[1]), b.p(&[2])],
        act_a: ActivationRecordItem::Gelu(Empty), act_b: ActivationRecordItem::PRelu(PReluRecordItem { alpha: b.p(&[1]), alpha_value: Empty }),
        int_param: ParamSerde { id: b.next_id(), param: TensorData { bytes: Bytes(ib), shape: vec![2, 3], dtype: id } },
        bool_param: ParamSerde { id: b.next_id(), param: TensorData { bytes: Bytes(vec![1, 0, 1]), shape: vec![3], dtype: DType::Bool(BoolStore::Native) } },
        quant: ParamSerde { id: b.next_id(), param: TensorData { bytes: Bytes(vec![0x81, 0x00, 0x7f, 0x10, 0xcd, 0xcc, 0xcc, 0x3d]), shape: vec![4], dtype: DType::QFloat(QuantScheme { value: QuantValue::Q8S, param: QuantParam::F32, store: QuantStore::Native, level: QuantLevel::Tensor, mode: QuantMode::Symmetric }) } },
        quant_block: ParamSerde { id: b.next_id(), param: TensorData { bytes: Bytes(vec![1, 2, 3, 4, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]), shape: vec![4], dtype: DType::QFloat(QuantScheme { value: QuantValue::Q8F, param: QuantParam::F32, store: QuantStore::PackedU32(0), level: QuantLevel::Block(BlockSize { storage: [2, 1, 1, 1, 1], len: 1 }), mode: QuantMode::Symmetric }) } },
        scalar0: b.p(&[]), zero_sized: b.p(&[0, 3]), raw_tensor: b.raw(&[3]),
        s: "héllo \"q\" \n/\u{1}".into(), b: true, f32_: 0.1, f64_: 1e300, us: 251, u64_: 1 << 40, u32_: 70000, u16_: 250, u8_: 200, i64_: -3, i32_: 126, i16_: -126, i8_: -5,
        h: half::f16::from_f32(1.5), bf: half::bf16::from_f32(-2.0), unit: (), nofields: UnitLike {}, r#type: 7, map, opt_num: Some(5), neg: i64::MIN, big: u64::MAX,
    }
}
// ---------------------------------------------------------------- optimizer record
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub enum AdaptorRecordItem<S> { V1(AdaptorRecordItemV1<S>) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub enum AdaptorRecordItemV1<S> { Rank0(S), Rank1(S), Rank2(S), Rank3(S), Rank4(S), Rank5(S), Rank6(S), Rank7(S), Rank8(S) }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct AdamStateItem { pub momentum: AdaptiveMomentumStateItem }
#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
pub struct AdaptiveMomentumStateItem { pub time: usize, pub moment_1: TensorData, pub moment_2: TensorData, pub max_moment_2: Option<TensorData> }
pub fn optim(st: Settings) -> BTreeMap<String, AdaptorRecordItem<AdamStateItem>> {
    let mut b = B::new(st); let mut m = BTreeMap::new(); // BTreeMap only so that the file is reproducible; Burn uses a randomly ordered hash map
    let s = |b: &mut B, sh: &[usize]| AdamStateItem { momentum: AdaptiveMomentumStateItem { time: 1600, moment_1: b.raw(sh), moment_2: b.raw(sh), max_moment_2: None } };
    let k = b.next_id(); let v = s(&mut b, &[8, 16]); m.insert(k, AdaptorRecordItem::V1(AdaptorRecordItemV1::Rank2(v)));
    let k = b.next_id(); let v = s(&mut b, &[16]); m.insert(k, AdaptorRecordItem::V1(AdaptorRecordItemV1::Rank1(v)));
    m
}
