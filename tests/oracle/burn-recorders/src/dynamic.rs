//! Any record there can be, in the layout of any Burn: what another program wrote is read by a description of the value and
//! written again, and must be the same bytes.
use crate::model::{BoolStore, BurnMetadata, Bytes, Format, QuantLevel, QuantMode, QuantParam, QuantScheme, QuantValue, Settings};
use bincode::Options;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::fmt;
use std::io::{Read, Write};
use std::marker::PhantomData;

// ---------------------------------------------------------------- dtypes of each version, with what quantised tensors say
#[derive(Serialize, Deserialize)]
struct Affine { scale: f32, offset: i8, _a: PhantomData<u8> }
#[derive(Serialize, Deserialize)]
struct Symmetric { scale: f32, _q: PhantomData<u8> }
#[derive(Serialize, Deserialize)]
enum Q14 { PerTensorAffineInt8(Affine), PerTensorSymmetricInt8(Symmetric) }
#[derive(Serialize, Deserialize)]
enum QInt8 { QInt8 }
#[derive(Serialize, Deserialize)]
enum Q16 { PerTensorAffine(QInt8), PerTensorSymmetric(QInt8) }
#[derive(Serialize, Deserialize)]
enum Q17 { PerTensor(QuantMode, QInt8) }
#[derive(Serialize, Deserialize)]
enum Level18 { Tensor }
#[derive(Serialize, Deserialize)]
enum Accumulator { Full, Half }
#[derive(Serialize, Deserialize)]
enum Propagation { Propagate, Inhibit }
#[derive(Serialize, Deserialize)]
struct Q18 { level: Level18, mode: QuantMode, q_type: QInt8, acc_precision: Accumulator, propagation: Propagation }
#[derive(Serialize, Deserialize)]
enum Store19 { Native, U32 }
#[derive(Serialize, Deserialize)]
struct Q19 { value: QuantValue, param: QuantParam, store: Store19, level: QuantLevel, mode: QuantMode }

#[derive(Serialize, Deserialize)]
enum D14 { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U8, Bool, QFloat(Q14) }
#[derive(Serialize, Deserialize)]
enum D16 { F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool, QFloat(Q16) }
#[derive(Serialize, Deserialize)]
enum D17<Q> { F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool, QFloat(Q) }
#[derive(Serialize, Deserialize)]
enum D21 { F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool(BoolStore), QFloat(QuantScheme) }

#[derive(Serialize, Deserialize)]
struct Data<D> { bytes: Bytes, shape: Vec<usize>, dtype: D }
#[derive(Serialize, Deserialize)]
struct Values<E> { value: Vec<E>, shape: Vec<usize> }

macro_rules! tensors { ($($name:ident($kind:ty)),* $(,)?) => {
    enum Tensor { $($name($kind)),* }
    #[derive(Clone, Copy)]
    enum TensorKind { $($name),* }
    impl Tensor {
        fn read<'de, D: Deserializer<'de>>(kind: TensorKind, d: D) -> Result<Tensor, D::Error> {
            match kind { $(TensorKind::$name => <$kind>::deserialize(d).map(Tensor::$name)),* }
        }
        fn write<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { match self { $(Tensor::$name(t) => t.serialize(s)),* } }
    }
} }
tensors! {
    T14(Data<D14>), T16(Data<D16>), T17(Data<D17<Q17>>), T18(Data<D17<Q18>>), T19(Data<D17<Q19>>), T20(Data<D17<QuantScheme>>), T21(Data<D21>),
    F32(Values<f32>), F64(Values<f64>), F16(Values<half::f16>), I64(Values<i64>), I32(Values<i32>), I16(Values<i16>), Bool(Values<bool>),
}

macro_rules! scalars { ($($name:ident($kind:ty, $text:literal)),* $(,)?) => {
    enum Scalar { $($name($kind)),* }
    #[derive(Clone, Copy)]
    enum ScalarKind { $($name),* }
    impl Scalar {
        fn named(name: &str) -> Option<ScalarKind> { match name { $($text => Some(ScalarKind::$name),)* _ => None } }
        fn read<'de, D: Deserializer<'de>>(kind: ScalarKind, d: D) -> Result<Scalar, D::Error> {
            match kind { $(ScalarKind::$name => <$kind as Deserialize>::deserialize(d).map(Scalar::$name)),* }
        }
        fn write<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { match self { $(Scalar::$name(x) => Serialize::serialize(x, s)),* } }
    }
} }
scalars! {
    Unit((), "unit"), Marker(PhantomData<u8>, "marker"), Bool(bool, "bool"), Text(String, "text"), F64(f64, "f64"), F32(f32, "f32"), F16(half::f16, "f16"),
    BF16(half::bf16, "bf16"), I64(i64, "i64"), I32(i32, "i32"), I16(i16, "i16"), I8(i8, "i8"), U64(u64, "u64"), U32(u32, "u32"), U16(u16, "u16"), U8(u8, "u8"),
}

// ---------------------------------------------------------------- what a value is, and the value
type Name = &'static str;
enum Node {
    None, Some(Box<Node>), Struct(Vec<Name>, Vec<Node>), Seq(Vec<Node>), Tuple(Vec<Node>), Map(Vec<String>, Vec<Node>),
    Variant(u32, Vec<Name>, Box<Node>), Tensor(TensorKind), Scalar(ScalarKind),
}
enum Dyn { None, Some(Box<Dyn>), Many(Vec<Dyn>), Tensor(Tensor), Scalar(Scalar) }

/// The Burn whose layout it is.
struct Burn { minor: u32, settings: Settings }
fn leak(s: &str) -> Name { Box::leak(s.to_string().into_boxed_str()) }

impl Burn {
    fn tensor(&self, family: &str) -> TensorKind {
        use TensorKind::*;
        match (self.minor, family, self.settings) {
            (21.., _, _) => T21, (20, _, _) => T20, (19, _, _) => T19, (18, _, _) => T18, (17, _, _) => T17, (16, _, _) => T16, (14 | 15, _, _) => T14,
            (_, "bool", _) => Bool,
            (_, "float", Settings::Full) => F32, (_, "float", Settings::Half) => F16, (_, "float", Settings::Double) => F64,
            (0..=11, _, Settings::Full) => F32,
            (_, _, Settings::Full) => I32, (_, _, Settings::Half) => I16, (_, _, Settings::Double) => I64,
        }
    }
    /// A constant: one none since 0.21; before that its parts, arrays with their length up to 0.11, and nothing at all for one in 0.7.
    fn constant(&self, parts: &Json) -> Node {
        let all = |items: &Json| items.as_array().unwrap().iter().map(|i| self.constant(i)).collect::<Vec<_>>();
        if self.minor >= 21 { return Node::None; }
        match parts {
            Json::String(_) => if self.minor >= 8 { Node::None } else { Node::Scalar(ScalarKind::Unit) },
            Json::Object(o) => {
                let (word, inner) = o.iter().next().unwrap();
                match word.as_str() {
                    "fixed" => if self.minor >= 12 { Node::Tuple(all(inner)) } else { Node::Seq(all(inner)) },
                    "listed" => Node::Seq(all(inner)),
                    "optional" => if inner.is_null() { Node::None } else { Node::Some(Box::new(self.constant(inner))) },
                    other => panic!("constant {other}"),
                }
            }
            other => panic!("constant {other}"),
        }
    }
    fn node(&self, json: &Json) -> Node {
        let items = |j: &Json| j.as_array().unwrap().iter().map(|i| self.node(i)).collect::<Vec<_>>();
        let named = |j: &Json| -> (Vec<String>, Vec<Node>) { j.as_array().unwrap().iter().map(|p| (p[0].as_str().unwrap().to_string(), self.node(&p[1]))).unzip() };
        match json {
            Json::String(s) if s == "none" => Node::None,
            Json::String(s) => Node::Scalar(Scalar::named(s).unwrap_or_else(|| panic!("scalar {s}"))),
            Json::Object(o) => {
                let (word, inner) = o.iter().next().unwrap();
                match word.as_str() {
                    "some" => Node::Some(Box::new(self.node(inner))),
                    "struct" => { let (names, nodes) = named(inner); Node::Struct(names.iter().map(|n| leak(n)).collect(), nodes) }
                    "map" => { let (names, nodes) = named(inner); Node::Map(names, nodes) }
                    "seq" => Node::Seq(items(inner)),
                    "tuple" => Node::Tuple(items(inner)),
                    "array" => if self.minor >= 12 { Node::Tuple(items(inner)) } else { Node::Seq(items(inner)) },
                    "variant" => {
                        let index = inner[0].as_u64().unwrap() as u32;
                        let mut names: Vec<Name> = (0..index).map(|i| leak(&format!("__other{i}"))).collect();
                        names.push(leak(inner[1].as_str().unwrap()));
                        Node::Variant(index, names, Box::new(self.node(&inner[2])))
                    }
                    "tensor" => Node::Tensor(self.tensor(inner.as_str().unwrap())),
                    "param" => Node::Struct(vec!["id", "param"], vec![Node::Scalar(ScalarKind::Text), Node::Tensor(self.tensor(inner.as_str().unwrap()))]),
                    "const" => self.constant(inner),
                    other => panic!("node {other}"),
                }
            }
            other => panic!("node {other}"),
        }
    }
    fn envelope(&self, item: Node) -> Node {
        let fields: Vec<Name> = vec!["float", "int", "format", "version", "settings"];
        let texts = fields.iter().map(|_| Node::Scalar(ScalarKind::Text)).collect();
        let mut names = vec!["metadata", "item"];
        let mut nodes = vec![Node::Struct(fields, texts), item];
        if self.minor >= 12 { names.push("_b"); nodes.push(Node::Scalar(ScalarKind::Marker)); }
        Node::Struct(names, nodes)
    }
    fn metadata(&self, format: Format, version: &str) -> BurnMetadata {
        let mut m = BurnMetadata::of(format, self.settings);
        m.version = version.into();
        if self.minor <= 11 && self.settings == Settings::Full { m.int = "f32".into(); }
        m
    }
}

// ---------------------------------------------------------------- reading
struct Seed<'a>(&'a Node);
struct Optional<'a>(Option<&'a Node>);
struct Items<'a>(&'a [Node]);
struct Fields<'a>(&'a [Name], &'a [Node]);
struct Entries<'a>(&'a [String], &'a [Node]);
struct Case<'a>(u32, &'a [Name], &'a Node);
struct Which<'a>(&'a [Name]);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Dyn;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Dyn, D::Error> {
        match self.0 {
            Node::None => d.deserialize_option(Optional(None)),
            Node::Some(n) => d.deserialize_option(Optional(Some(n))),
            Node::Struct(names, nodes) => { let names_: &'static [Name] = Box::leak(names.clone().into_boxed_slice()); d.deserialize_struct("S", names_, Fields(names, nodes)) }
            Node::Seq(nodes) => d.deserialize_seq(Items(nodes)),
            Node::Tuple(nodes) => d.deserialize_tuple(nodes.len(), Items(nodes)),
            Node::Map(names, nodes) => d.deserialize_map(Entries(names, nodes)),
            Node::Variant(index, names, node) => { let names_: &'static [Name] = Box::leak(names.clone().into_boxed_slice()); d.deserialize_enum("E", names_, Case(*index, names, node)) }
            Node::Tensor(kind) => Tensor::read(*kind, d).map(Dyn::Tensor),
            Node::Scalar(kind) => Scalar::read(*kind, d).map(Dyn::Scalar),
        }
    }
}
macro_rules! expecting { ($text:literal) => { fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result { f.write_str($text) } } }
impl<'de> Visitor<'de> for Optional<'_> {
    type Value = Dyn;
    expecting!("an option");
    fn visit_none<E>(self) -> Result<Dyn, E> { Ok(Dyn::None) }
    fn visit_unit<E>(self) -> Result<Dyn, E> { Ok(Dyn::None) }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Dyn, D::Error> {
        match self.0 { Some(n) => Seed(n).deserialize(d).map(|v| Dyn::Some(Box::new(v))), None => Err(D::Error::custom("something where nothing should be")) }
    }
}
fn all<'de, A: SeqAccess<'de>>(nodes: &[Node], seq: &mut A) -> Result<Vec<Dyn>, A::Error> {
    nodes.iter().enumerate().map(|(i, n)| seq.next_element_seed(Seed(n))?.ok_or_else(|| A::Error::custom(format!("{i} items instead of {}", nodes.len())))).collect()
}
impl<'de> Visitor<'de> for Items<'_> {
    type Value = Dyn;
    expecting!("items");
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Dyn, A::Error> {
        let items = all(self.0, &mut seq)?;
        if seq.next_element::<IgnoredAny>()?.is_some() { return Err(A::Error::custom("more items")); }
        Ok(Dyn::Many(items))
    }
}
impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Dyn;
    expecting!("a struct");
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Dyn, A::Error> { all(self.1, &mut seq).map(Dyn::Many) }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dyn, A::Error> {
        let mut found: Vec<Option<Dyn>> = self.0.iter().map(|_| None).collect();
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().position(|n| *n == key) {
                Some(i) if found[i].is_some() => return Err(A::Error::custom(format!("duplicate field {key}"))),
                Some(i) => found[i] = Some(map.next_value_seed(Seed(&self.1[i]))?),
                None => { map.next_value::<IgnoredAny>()?; }
            }
        }
        found.into_iter().zip(self.0).map(|(v, n)| v.ok_or_else(|| A::Error::custom(format!("missing field {n}")))).collect::<Result<Vec<_>, _>>().map(Dyn::Many)
    }
}
impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Dyn;
    expecting!("a map");
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dyn, A::Error> {
        let mut values = vec![];
        while let Some(key) = map.next_key::<String>()? {
            let i = values.len();
            if self.0.get(i) != Some(&key) { return Err(A::Error::custom(format!("the key {key}"))); }
            values.push(map.next_value_seed(Seed(&self.1[i]))?);
        }
        if values.len() == self.0.len() { Ok(Dyn::Many(values)) } else { Err(A::Error::custom("too few entries")) }
    }
}
impl<'de> DeserializeSeed<'de> for Which<'_> {
    type Value = u32;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<u32, D::Error> { d.deserialize_identifier(self) }
}
impl<'de> Visitor<'de> for Which<'_> {
    type Value = u32;
    expecting!("a variant");
    fn visit_u64<E>(self, v: u64) -> Result<u32, E> { Ok(v as u32) }
    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<u32, E> { self.0.iter().position(|n| *n == v).map(|i| i as u32).ok_or_else(|| E::custom(format!("unknown variant {v}"))) }
}
impl<'de> Visitor<'de> for Case<'_> {
    type Value = Dyn;
    expecting!("an enum");
    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Dyn, A::Error> {
        let (index, variant) = data.variant_seed(Which(self.1))?;
        if index != self.0 { return Err(A::Error::custom(format!("the variant {index}"))); }
        variant.newtype_variant_seed(Seed(self.2))
    }
}

// ---------------------------------------------------------------- writing
struct Out<'a>(&'a Node, &'a Dyn);
impl Serialize for Out<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Node::None | Node::Some(_), Dyn::None) => s.serialize_none(),
            (Node::Some(n), Dyn::Some(v)) => s.serialize_some(&Out(n, v)),
            (Node::Struct(names, nodes), Dyn::Many(values)) => {
                let mut out = s.serialize_struct("S", nodes.len())?;
                for ((name, node), value) in names.iter().zip(nodes).zip(values) { out.serialize_field(name, &Out(node, value))?; }
                out.end()
            }
            (Node::Seq(nodes), Dyn::Many(values)) => {
                let mut out = s.serialize_seq(Some(nodes.len()))?;
                for (node, value) in nodes.iter().zip(values) { out.serialize_element(&Out(node, value))?; }
                out.end()
            }
            (Node::Tuple(nodes), Dyn::Many(values)) => {
                let mut out = s.serialize_tuple(nodes.len())?;
                for (node, value) in nodes.iter().zip(values) { out.serialize_element(&Out(node, value))?; }
                out.end()
            }
            (Node::Map(names, nodes), Dyn::Many(values)) => {
                let mut out = s.serialize_map(Some(nodes.len()))?;
                for ((name, node), value) in names.iter().zip(nodes).zip(values) { out.serialize_entry(name, &Out(node, value))?; }
                out.end()
            }
            (Node::Variant(index, names, node), value) => s.serialize_newtype_variant("E", *index, names[*index as usize], &Out(node, value)),
            (_, Dyn::Tensor(t)) => t.write(s),
            (_, Dyn::Scalar(x)) => x.write(s),
            _ => Err(S::Error::custom("a value of another kind")),
        }
    }
}

// ---------------------------------------------------------------- cases
fn bincode_() -> impl Options { bincode::DefaultOptions::new().allow_trailing_bytes() }
fn read(format: Format, node: &Node, bytes: &[u8]) -> Result<Dyn, String> {
    match format {
        Format::NamedMpk | Format::NamedMpkGz => Seed(node).deserialize(&mut rmp_serde::Deserializer::new(bytes)).map_err(|e| e.to_string()),
        Format::Bin | Format::BinGz => bincode_().deserialize_seed(Seed(node), bytes).map_err(|e| e.to_string()),
        Format::PrettyJson | Format::JsonGz => {
            let mut d = serde_json::Deserializer::from_slice(bytes);
            let value = Seed(node).deserialize(&mut d).map_err(|e| e.to_string())?;
            d.end().map_err(|e| e.to_string())?;
            Ok(value)
        }
    }
}
fn write(format: Format, value: &Out) -> Result<Vec<u8>, String> {
    match format {
        Format::NamedMpk | Format::NamedMpkGz => rmp_serde::to_vec_named(value).map_err(|e| e.to_string()),
        Format::Bin | Format::BinGz => bincode_().serialize(value).map_err(|e| e.to_string()),
        Format::PrettyJson => serde_json::to_vec_pretty(value).map_err(|e| e.to_string()),
        Format::JsonGz => serde_json::to_vec(value).map_err(|e| e.to_string()),
    }
}
fn inflate(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if bytes.get(..10) != Some(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff][..]) { return Err("another gzip header".into()); }
    let mut gz = flate2::bufread::GzDecoder::new(bytes);
    let mut out = vec![];
    gz.read_to_end(&mut out).map_err(|e| e.to_string())?;
    if !gz.into_inner().is_empty() { return Err("more than one gzip member".into()); }
    Ok(out)
}
fn text(value: &Dyn) -> &str { match value { Dyn::Scalar(Scalar::Text(s)) => s, _ => "" } }

/// One case: the file, what it must be when written again, and the compact MessagePack of the same value.
fn check(header: &Json, file: &[u8], plain: &[u8]) -> Result<Vec<u8>, String> {
    let of = |name: &str| header[name].as_str().unwrap_or("");
    let format = Format::parse(of("format"));
    let version = of("version");
    let burn = Burn { minor: version.split('.').nth(1).unwrap().parse().unwrap(), settings: Settings::parse(of("settings")) };
    let node = burn.envelope(burn.node(&header["item"]));
    let gz = format.ext().ends_with(".gz");
    let inflated = if gz { inflate(file)? } else { file.to_vec() };
    let value = read(format, &node, &inflated)?;
    if let Dyn::Many(parts) = &value {
        if let Dyn::Many(texts) = &parts[0] {
            let found = BurnMetadata { float: text(&texts[0]).into(), int: text(&texts[1]).into(), format: text(&texts[2]).into(), version: text(&texts[3]).into(), settings: text(&texts[4]).into() };
            let wanted = burn.metadata(format, version);
            if found != wanted { return Err(format!("the metadata {found:?} instead of {wanted:?}")); }
        }
    }
    let again = write(format, &Out(&node, &value))?;
    let expected = if plain.is_empty() { inflated } else if gz { inflate(plain)? } else { plain.to_vec() };
    if again != expected {
        let at = again.iter().zip(&expected).position(|(a, b)| a != b).unwrap_or(again.len().min(expected.len()));
        return Err(format!("written again as {} bytes instead of {}, different from byte {at} on", again.len(), expected.len()));
    }
    rmp_serde::to_vec(&Out(&node, &value)).map_err(|e| e.to_string())
}

/// A file of cases: header, file and what it must be when written again (empty: the same), each after its length in 32 bits.
pub fn run(cases: &std::path::Path, compact: &std::path::Path) {
    let all = std::fs::read(cases).unwrap();
    let mut rest = &all[..];
    let mut next = || { let n = u32::from_le_bytes(rest[..4].try_into().unwrap()) as usize; let part = rest[4..4 + n].to_vec(); rest = &rest[4 + n..]; (part, rest.is_empty()) };
    let mut out = std::io::BufWriter::new(std::fs::File::create(compact).unwrap());
    let (mut count, mut bad, mut done) = (0, 0, all.is_empty());
    while !done {
        let header: Json = serde_json::from_slice(&next().0).unwrap();
        let file = next().0;
        let (plain, last) = next();
        done = last;
        let bytes = check(&header, &file, &plain).unwrap_or_else(|e| {
            bad += 1;
            if bad <= 5 { eprintln!("case {count}, {} {} {}: {e}", header["format"], header["version"], header["settings"]); }
            vec![]
        });
        out.write_all(&(bytes.len() as u32).to_le_bytes()).unwrap();
        out.write_all(&bytes).unwrap();
        count += 1;
    }
    println!("{count} cases, {bad} bad");
    if bad > 0 { std::process::exit(1); }
}
