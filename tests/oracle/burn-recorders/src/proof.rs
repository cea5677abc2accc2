//! Values by the hundred thousand, to prove other implementations of the same rules.
use crate::model::Rng;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

fn single_bits() -> Vec<u32> {
    let mut bits = vec![0, 1, 2, 0x007f_ffff, 0x0080_0000, 0x0080_0001, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000];
    // powers of ten and their neighbours: where the layout turns from plain to scientific
    for e in -46..=39 {
        let power = format!("1e{e}").parse::<f32>().unwrap().to_bits();
        for near in -3i64..=3 { bits.push((power as i64 + near).clamp(0, 0x7f7f_ffff) as u32); }
        for m in [1.5f64, 9.99, 9.999_999, 1.234_567_9] { bits.push(((m * 10f64.powi(e)) as f32).to_bits()); }
    }
    // powers of two: intervals are lopsided there
    for e in 0..255u32 { for near in -1i64..=1 { bits.push(((e << 23) as i64 + near).max(0) as u32); } }
    for n in 0..2000u32 { bits.push((n as f32).to_bits()); bits.push((n as f32 / 10.0).to_bits()); bits.push((n as f32 * 12_345.0).to_bits()); bits.push((1.0 / (n as f32 + 1.0)).to_bits()); bits.push(n * 7919); }
    // whole numbers around 2^24, where ties begin
    for n in 0..200u32 { bits.push(((16_777_216 - 100 + n) as f32).to_bits()); }
    let mut rng = Rng(0x1234_5678_9abc_def1);
    for _ in 0..20_000 { bits.push(rng.next() as u32); }
    let negative: Vec<u32> = bits.iter().map(|b| b ^ 0x8000_0000).collect();
    bits.extend(negative);
    bits
}
fn double_bits() -> Vec<u64> {
    let mut bits = vec![0, 1, 2, 0x000f_ffff_ffff_ffff, 0x0010_0000_0000_0000, 0x7fef_ffff_ffff_ffff];
    for e in -324..=308 {
        let power = format!("1e{e}").parse::<f64>().unwrap().to_bits();
        for near in -2i64..=2 { bits.push((power as i64 + near).clamp(0, 0x7fef_ffff_ffff_ffff) as u64); }
        for m in ["1.5", "9.99", "9.999999999999999", "1.2345678901234567"] { bits.push(format!("{m}e{e}").parse::<f64>().map(|x| if x.is_finite() { x } else { 1.0 }).unwrap().to_bits()); }
    }
    for e in 0..2047u64 { for near in -1i64..=1 { bits.push(((e << 52) as i64 + near).max(0) as u64); } }
    for n in 0..2000u64 { bits.push((n as f64).to_bits()); bits.push((n as f64 / 10.0).to_bits()); bits.push((n as f64 * 1_234_567_891.0).to_bits()); bits.push((1.0 / (n as f64 + 1.0)).to_bits()); bits.push(n * 7919); }
    for n in 0..200u64 { bits.push(((9_007_199_254_740_992 - 100 + n) as f64).to_bits()); }
    let mut rng = Rng(0xfedc_ba98_7654_3211);
    for _ in 0..20_000 { bits.push(rng.next()); }
    let negative: Vec<u64> = bits.iter().map(|b| b ^ 0x8000_0000_0000_0000).collect();
    bits.extend(negative);
    bits
}

/// serde_json's text of each finite value.
pub fn digits(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    let mut text = String::new();
    for bits in single_bits() {
        let value = f32::from_bits(bits);
        if value.is_finite() { writeln!(text, "f32 {bits:08x} {}", serde_json::to_string(&value).unwrap()).unwrap(); }
    }
    for bits in double_bits() {
        let value = f64::from_bits(bits);
        if value.is_finite() { writeln!(text, "f64 {bits:016x} {}", serde_json::to_string(&value).unwrap()).unwrap(); }
    }
    std::fs::write(dir.join("digits.txt"), text).unwrap();
}

/// half's nearest f16 of every single above, of every half's own value, of every tie between halves and of its neighbours.
pub fn halves(file: &Path) {
    let mut bits = single_bits();
    for h in 0..=0xffffu32 {
        let exact = half::f16::from_bits(h as u16).to_f32().to_bits();
        let next = half::f16::from_bits((h as u16).wrapping_add(1)).to_f32();
        let value = f32::from_bits(exact);
        bits.push(exact);
        if value.is_finite() && next.is_finite() {
            let tie = ((value as f64 + next as f64) / 2.0) as f32;
            for near in [-1i64, 0, 1] { bits.push((tie.to_bits() as i64 + near).clamp(0, 0xffff_ffff) as u32); }
        }
    }
    // around 65504 and 65520, where infinity begins
    for n in 0..64u32 { for base in [65472f32, 65488f32, 65504f32, 65512f32] { bits.push((base + n as f32 / 2.0).to_bits()); } }
    let mut rng = Rng(0x0bad_cafe_dead_beef);
    for _ in 0..200_000 {
        // exponents that halves have, and some beyond
        let exponent = 100 + rng.next() % 45;
        bits.push(((rng.next() as u32) & 0x807f_ffff) | ((exponent as u32) << 23));
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).unwrap());
    for b in bits {
        out.write_all(&b.to_le_bytes()).unwrap();
        out.write_all(&half::f16::from_f32(f32::from_bits(b)).to_bits().to_le_bytes()).unwrap();
    }
}
