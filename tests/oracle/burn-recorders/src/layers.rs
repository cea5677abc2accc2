//! Built-in layers as Burn's derive lays them out, at the versions where their fields changed: 0.13, 0.19, 0.20 and 0.21.
use crate::legacy::{meta, uuid, Dt, RecNew, Td, D17, D21};
use crate::model::{conv_float, pid, Bytes, DataSerialize, Empty, Format, ParamSerde, Rng, Settings};
use serde::Serialize;
use std::marker::PhantomData;
use std::path::Path;

const NONE: Empty = Empty;

#[derive(Serialize, Clone)] struct Linear<P> { weight: P, bias: Option<P> }
#[derive(Serialize, Clone)] struct Gate<P> { input_transform: Linear<P>, hidden_transform: Linear<P> }
#[derive(Serialize, Clone)] struct PRelu<P> { alpha: P, alpha_value: Empty }
/// The activations of 0.20 and of 0.21; PRelu and SwiGlu alone have parameters.
#[derive(Serialize, Clone)] #[allow(dead_code)] enum Act20<P> { Gelu(Empty), PRelu(PRelu<P>), Relu(Empty), LeakyRelu(Empty), SwiGlu(Empty), Sigmoid(Empty), Tanh(Empty), HardSigmoid(Empty), HardSwish(Empty), Softplus(Empty) }
#[derive(Serialize, Clone)] #[allow(dead_code)] enum Act21<P> { Gelu(Empty), PRelu(PRelu<P>), Relu(Empty), LeakyRelu(Empty), SwiGlu(Empty), Selu(Empty), Sigmoid(Empty), Tanh(Empty), HardSigmoid(Empty), HardSwish(Empty), Softplus(Empty) }

#[derive(Serialize)] struct Gru13<P> { update_gate: Gate<P>, reset_gate: Gate<P>, new_gate: Gate<P>, d_hidden: Empty }
#[derive(Serialize)] struct Gru17<P> { update_gate: Gate<P>, reset_gate: Gate<P>, new_gate: Gate<P>, d_hidden: Empty, reset_after: Empty }
#[derive(Serialize)] struct Gru21<P> { update_gate: Gate<P>, reset_gate: Gate<P>, new_gate: Gate<P>, d_hidden: Empty, reset_after: Empty, gate_activation: Act21<P>, hidden_activation: Act21<P>, clip: Empty }
#[derive(Serialize)] struct Lstm13<P> { input_gate: Gate<P>, forget_gate: Gate<P>, output_gate: Gate<P>, cell_gate: Gate<P>, d_hidden: Empty }
/// `clip` is an option up to 0.20 and one none in 0.21.
#[derive(Serialize)] struct Lstm20<P, A, C> { input_gate: Gate<P>, forget_gate: Gate<P>, output_gate: Gate<P>, cell_gate: Gate<P>, d_hidden: Empty, batch_first: Empty, reverse: Empty, clip: C, input_forget: Empty, gate_activation: A, cell_activation: A, hidden_activation: A }
#[derive(Serialize, Clone)] struct Norm13<P> { gamma: P, beta: P, epsilon: Empty }
#[derive(Serialize, Clone)] struct Norm20<P> { gamma: P, beta: Option<P>, epsilon: Empty }
#[derive(Serialize)] struct Group13<P> { num_groups: Empty, num_channels: Empty, gamma: Option<P>, beta: Option<P>, epsilon: Empty, affine: Empty }
#[derive(Serialize)] struct Group14<P> { gamma: Option<P>, beta: Option<P>, num_groups: Empty, num_channels: Empty, epsilon: Empty, affine: Empty }
#[derive(Serialize)] struct Instance13<P> { group_norm: Group13<P> }
#[derive(Serialize)] struct Instance14<P> { gamma: Option<P>, beta: Option<P>, num_channels: Empty, epsilon: Empty, affine: Empty }
#[derive(Serialize)] struct Mha13<P> { query: Linear<P>, key: Linear<P>, value: Linear<P>, output: Linear<P>, dropout: Empty, activation: Empty, n_heads: Empty, d_k: Empty, min_float: Empty, quiet_softmax: Empty }
#[derive(Serialize)] struct Mha14<P> { query: Linear<P>, key: Linear<P>, value: Linear<P>, output: Linear<P>, dropout: Empty, activation: Empty, d_model: Empty, n_heads: Empty, d_k: Empty, min_float: Empty, quiet_softmax: Empty }
#[derive(Serialize)] struct Pwff13<P> { linear_inner: Linear<P>, linear_outer: Linear<P>, dropout: Empty, gelu: Empty }
#[derive(Serialize)] struct Pwff21<P> { linear_inner: Linear<P>, linear_outer: Linear<P>, dropout: Empty, activation: Empty }
#[derive(Serialize)] struct EncoderLayer<M, F, N> { mha: M, pwff: F, norm_1: N, norm_2: N, dropout: Empty, norm_first: Empty }
#[derive(Serialize)] struct Encoder13<L> { layers: Vec<L> }
#[derive(Serialize)] struct Encoder14<L> { layers: Vec<L>, d_model: Empty, d_ff: Empty, n_heads: Empty, n_layers: Empty, dropout: Empty, norm_first: Empty, quiet_softmax: Empty }
#[derive(Serialize)] struct Transposed13<P, A> { weight: P, bias: Option<P>, stride: A, kernel_size: A, dilation: A, groups: Empty, padding: A, padding_out: A }
#[derive(Serialize)] struct Transposed14<P, A> { weight: P, bias: Option<P>, stride: A, kernel_size: A, dilation: A, groups: Empty, padding: A, padding_out: A, channels: A }
#[derive(Serialize)] struct PRelu13<P> { alpha: P }
/// LeakyRelu and HuberLoss named their back end in 0.13: structs, and no constants as a whole.
#[derive(Serialize)] struct Leaky13 { negative_slope: Empty, phantom: Empty }
#[derive(Serialize)] struct Huber13 { delta: Empty, lin_bias: Empty, _backend: Empty }
/// `pad_tokens` and `smoothing` have their parts up to 0.20; `weights` is an option in every version, though a constant in it.
#[derive(Serialize)] struct Entropy13 { pad_tokens: Option<Vec<Empty>>, weights: Option<Empty>, smoothing: Option<Empty>, logits: Empty }
#[derive(Serialize)] struct Entropy21 { pad_tokens: Empty, weights: Option<Empty>, smoothing: Empty, logits: Empty }
/// What holds them in one model of constants and few parameters.
#[derive(Serialize)] struct Mixed<A, P, K, H, E> { before: Linear<A>, leaky: K, prelu: P, huber: H, entropy: E, after: Linear<A> }

/// Parameters in the order they are asked for, so that every version of a layer has the same ones.
struct Source<P, F: Fn(u64, &[usize], &[f32]) -> P> { rng: Rng, next: u64, make: F }
impl<P: Clone, F: Fn(u64, &[usize], &[f32]) -> P> Source<P, F> {
    fn p(&mut self, shape: &[usize]) -> P {
        self.next += 1;
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.rng.f()).collect();
        (self.make)(self.next, shape, &values)
    }
    fn linear(&mut self, i: usize, o: usize) -> Linear<P> { Linear { weight: self.p(&[i, o]), bias: Some(self.p(&[o])) } }
    fn gate(&mut self) -> Gate<P> { Gate { input_transform: self.linear(2, 3), hidden_transform: self.linear(3, 3) } }
    fn prelu(&mut self) -> PRelu<P> { PRelu { alpha: self.p(&[1]), alpha_value: NONE } }
}

/// Where the files of one version, format and setting go.
struct To<'a> { dir: &'a Path, version: &'a str, format: Format, settings: Settings }
impl To<'_> {
    fn save<T: Serialize>(&self, name: &str, item: T) {
        let record = RecNew { metadata: meta(self.format, self.settings, self.version, self.settings.int()), item, _b: PhantomData };
        let path = self.dir.join(format!("{name}-{}.{}.{}", self.version, self.settings.short(), self.format.ext()));
        crate::model::save_item(self.format, &record, &path).unwrap();
    }
}

/// Every layer in the layout of one version; `sizes` is what a field of type `[usize; 2]` becomes.
fn layers<P: Serialize + Clone, A: Serialize + Clone, F: Fn(u64, &[usize], &[f32]) -> P>(to: &To, minor: u32, make: F, sizes: A) {
    let source = || Source { rng: Rng(0x9E3779B97F4A7C15), next: 0, make: &make };
    recurrent(to, minor, source(), source());
    norms(to, minor, source(), source(), source());
    attention(to, minor, source(), source());
    let mut s = source();
    let (weight, bias, a) = (s.p(&[2, 3, 2, 2]), Some(s.p(&[3])), || sizes.clone());
    match minor {
        13 => to.save("transposed", Transposed13 { weight, bias, stride: a(), kernel_size: a(), dilation: a(), groups: NONE, padding: a(), padding_out: a() }),
        _ => to.save("transposed", Transposed14 { weight, bias, stride: a(), kernel_size: a(), dilation: a(), groups: NONE, padding: a(), padding_out: a(), channels: a() }),
    }
    mixed(to, minor, source());
}

fn recurrent<P: Serialize + Clone, F: Fn(u64, &[usize], &[f32]) -> P>(to: &To, minor: u32, mut g: Source<P, F>, mut l: Source<P, F>) {
    let (update_gate, reset_gate, new_gate) = (g.gate(), g.gate(), g.gate());
    match minor {
        13 => to.save("gru", Gru13 { update_gate, reset_gate, new_gate, d_hidden: NONE }),
        21 => to.save("gru", Gru21 { update_gate, reset_gate, new_gate, d_hidden: NONE, reset_after: NONE, gate_activation: Act21::Sigmoid(NONE), hidden_activation: Act21::PRelu(g.prelu()), clip: NONE }),
        _ => to.save("gru", Gru17 { update_gate, reset_gate, new_gate, d_hidden: NONE, reset_after: NONE }),
    }
    let (input_gate, forget_gate, output_gate, cell_gate) = (l.gate(), l.gate(), l.gate(), l.gate());
    match minor {
        20 => to.save("lstm", Lstm20 { input_gate, forget_gate, output_gate, cell_gate, d_hidden: NONE, batch_first: NONE, reverse: NONE, clip: Some(NONE), input_forget: NONE,
            gate_activation: Act20::Sigmoid(NONE), cell_activation: Act20::PRelu(l.prelu()), hidden_activation: Act20::Softplus(NONE) }),
        21 => to.save("lstm", Lstm20 { input_gate, forget_gate, output_gate, cell_gate, d_hidden: NONE, batch_first: NONE, reverse: NONE, clip: NONE, input_forget: NONE,
            gate_activation: Act21::Sigmoid(NONE), cell_activation: Act21::PRelu(l.prelu()), hidden_activation: Act21::Softplus(NONE) }),
        _ => to.save("lstm", Lstm13 { input_gate, forget_gate, output_gate, cell_gate, d_hidden: NONE }),
    }
}

fn norms<P: Serialize + Clone, F: Fn(u64, &[usize], &[f32]) -> P>(to: &To, minor: u32, mut l: Source<P, F>, mut g: Source<P, F>, mut i: Source<P, F>) {
    let (gamma, beta) = (l.p(&[4]), l.p(&[4]));
    if minor < 20 { to.save("layer-norm", Norm13 { gamma, beta, epsilon: NONE }) } else { to.save("layer-norm", Norm20 { gamma, beta: Some(beta), epsilon: NONE }) }
    let (gamma, beta) = (Some(g.p(&[4])), Some(g.p(&[4])));
    match minor {
        13 => to.save("group-norm", Group13 { num_groups: NONE, num_channels: NONE, gamma, beta, epsilon: NONE, affine: NONE }),
        _ => to.save("group-norm", Group14 { gamma, beta, num_groups: NONE, num_channels: NONE, epsilon: NONE, affine: NONE }),
    }
    let (gamma, beta) = (Some(i.p(&[4])), Some(i.p(&[4])));
    match minor {
        13 => to.save("instance-norm", Instance13 { group_norm: Group13 { num_groups: NONE, num_channels: NONE, gamma, beta, epsilon: NONE, affine: NONE } }),
        _ => to.save("instance-norm", Instance14 { gamma, beta, num_channels: NONE, epsilon: NONE, affine: NONE }),
    }
}

fn mha13<P: Clone, F: Fn(u64, &[usize], &[f32]) -> P>(s: &mut Source<P, F>) -> Mha13<P> {
    Mha13 { query: s.linear(4, 4), key: s.linear(4, 4), value: s.linear(4, 4), output: s.linear(4, 4), dropout: NONE, activation: NONE, n_heads: NONE, d_k: NONE, min_float: NONE, quiet_softmax: NONE }
}
fn mha14<P: Clone, F: Fn(u64, &[usize], &[f32]) -> P>(s: &mut Source<P, F>) -> Mha14<P> {
    Mha14 { query: s.linear(4, 4), key: s.linear(4, 4), value: s.linear(4, 4), output: s.linear(4, 4), dropout: NONE, activation: NONE, d_model: NONE, n_heads: NONE, d_k: NONE, min_float: NONE, quiet_softmax: NONE }
}

fn attention<P: Serialize + Clone, F: Fn(u64, &[usize], &[f32]) -> P>(to: &To, minor: u32, mut a: Source<P, F>, mut s: Source<P, F>) {
    if minor == 13 { to.save("attention", mha13(&mut a)) } else { to.save("attention", mha14(&mut a)) }
    let gelu = |s: &mut Source<P, F>| Pwff13 { linear_inner: s.linear(4, 6), linear_outer: s.linear(6, 4), dropout: NONE, gelu: NONE };
    let skip = |s: &mut Source<P, F>| Pwff21 { linear_inner: s.linear(4, 6), linear_outer: s.linear(6, 4), dropout: NONE, activation: NONE };
    let whole = |s: &mut Source<P, F>| Norm13 { gamma: s.p(&[4]), beta: s.p(&[4]), epsilon: NONE };
    let part = |s: &mut Source<P, F>| Norm20 { gamma: s.p(&[4]), beta: Some(s.p(&[4])), epsilon: NONE };
    match minor {
        13 => { let layers = (0..2).map(|_| encoder_layer(mha13(&mut s), gelu(&mut s), whole(&mut s), whole(&mut s))).collect(); to.save("encoder", Encoder13 { layers }) }
        19 => { let layers = (0..2).map(|_| encoder_layer(mha14(&mut s), gelu(&mut s), whole(&mut s), whole(&mut s))).collect(); to.save("encoder", encoder(layers)) }
        20 => { let layers = (0..2).map(|_| encoder_layer(mha14(&mut s), gelu(&mut s), part(&mut s), part(&mut s))).collect(); to.save("encoder", encoder(layers)) }
        _ => { let layers = (0..2).map(|_| encoder_layer(mha14(&mut s), skip(&mut s), part(&mut s), part(&mut s))).collect(); to.save("encoder", encoder(layers)) }
    }
}
fn encoder_layer<M, F, N>(mha: M, pwff: F, norm_1: N, norm_2: N) -> EncoderLayer<M, F, N> { EncoderLayer { mha, pwff, norm_1, norm_2, dropout: NONE, norm_first: NONE } }
fn encoder<L>(layers: Vec<L>) -> Encoder14<L> { Encoder14 { layers, d_model: NONE, d_ff: NONE, n_heads: NONE, n_layers: NONE, dropout: NONE, norm_first: NONE, quiet_softmax: NONE } }

fn mixed<P: Serialize + Clone, F: Fn(u64, &[usize], &[f32]) -> P>(to: &To, minor: u32, mut s: Source<P, F>) {
    let (before, alpha, after) = (s.linear(2, 2), s.p(&[1]), s.linear(2, 2));
    let entropy = Entropy13 { pad_tokens: Some(vec![NONE, NONE]), weights: Some(NONE), smoothing: None, logits: NONE };
    match minor {
        13 => to.save("mixed", Mixed { before, leaky: Leaky13 { negative_slope: NONE, phantom: NONE }, prelu: PRelu13 { alpha }, huber: Huber13 { delta: NONE, lin_bias: NONE, _backend: NONE }, entropy, after }),
        21 => to.save("mixed", Mixed { before, leaky: NONE, prelu: PRelu { alpha, alpha_value: NONE }, huber: NONE, entropy: Entropy21 { pad_tokens: NONE, weights: Some(NONE), smoothing: NONE, logits: NONE }, after }),
        _ => to.save("mixed", Mixed { before, leaky: NONE, prelu: PRelu { alpha, alpha_value: NONE }, huber: NONE, entropy, after }),
    }
}

/// Parameters of 0.14 and later.
fn bytes<D: Dt>(settings: Settings) -> impl Fn(u64, &[usize], &[f32]) -> ParamSerde<Td<D>> {
    let dtype = match settings { Settings::Full => D::F32, Settings::Half => D::F16, Settings::Double => D::F64 };
    move |id, shape, values| ParamSerde { id: pid(id.wrapping_mul(0x9E3779B97F4A7C15)), param: Td { bytes: Bytes(conv_float(values, settings).0), shape: shape.to_vec(), dtype } }
}
/// Parameters of 0.13 and before.
fn values<E: Clone>(convert: impl Fn(f32) -> E) -> impl Fn(u64, &[usize], &[f32]) -> ParamSerde<DataSerialize<E>> {
    move |id, shape, values| ParamSerde { id: uuid(id as u8), param: DataSerialize { value: values.iter().map(|x| convert(*x)).collect(), shape: shape.to_vec() } }
}

pub fn write(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let two = || [NONE, NONE];
    for format in Format::ALL {
        for settings in [Settings::Full, Settings::Half, Settings::Double] {
            let to = |version| To { dir, version, format, settings };
            match settings {
                Settings::Full => layers(&to("0.13.2"), 13, values(|x| x), two()),
                Settings::Half => layers(&to("0.13.2"), 13, values(half::f16::from_f32), two()),
                Settings::Double => layers(&to("0.13.2"), 13, values(|x| x as f64), two()),
            }
            layers(&to("0.19.1"), 19, bytes::<D17>(settings), two());
            layers(&to("0.20.1"), 20, bytes::<D17>(settings), two());
            layers(&to("0.21.0"), 21, bytes::<D21>(settings), NONE);
        }
    }
}
