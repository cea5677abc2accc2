//! Reference re-implementation (own code) of the *serde data model* that Burn 0.21's record API
//! hands to rmp-serde / bincode / serde_json, used to (a) write reference files, (b) read them
//! back, (c) time save & load, (d) probe what real serde formats do with odd inputs.
//! Built only from Debian's crates.  Not Burn code.
mod model;
mod binio;
mod layers;
mod legacy;
mod bench;
mod config;
mod proof;
mod training;
mod dynamic;
use model::*;
use std::path::{Path, PathBuf};

fn main() {
    let a: Vec<String> = std::env::args().collect();
    match a.get(1).map(|s| s.as_str()) {
        Some("write") => write_all(Path::new(&a[2])),
        Some("legacy") => legacy::write(Path::new(&a[2])),
        Some("training") => training::write(Path::new(&a[2])),
        Some("layers") => layers::write(Path::new(&a[2])),
        Some("read") => read_all(Path::new(&a[2])),
        Some("digits") => proof::digits(Path::new(&a[2])),
        Some("configs") => config::sample(Path::new(&a[2])),
        Some("configs-again") => config::again(Path::new(&a[2]), Path::new(&a[3])),
        Some("halves") => proof::halves(Path::new(&a[2])),
        Some("again") => dynamic::run(Path::new(&a[2]), Path::new(&a[3])),
        Some("bench-save") | Some("bench-load") => bench::run(&a[1..]),
        _ => {
            eprintln!("rustref write DIR | legacy DIR | layers DIR | training DIR | read DIR | digits DIR | halves FILE | again CASES COMPACT | configs DIR | configs-again FROM TO | bench-save FMT MIB DIR [--settings full|half|double] [--clone] [--reps N] | bench-load FMT DIR [--settings ..] [--reps N]");
            std::process::exit(2);
        }
    }
}

fn write_one<T: serde::Serialize>(dir: &Path, stem: &str, st: Settings, item: impl Fn() -> T) {
    for f in Format::ALL {
        let p = dir.join(format!("{stem}.{}.{}", st.short(), f.ext()));
        save_item(f, &BurnRecord::new(f, st, item()), &p).unwrap();
        println!("{:>9}  {}", std::fs::metadata(&p).unwrap().len(), p.display());
    }
}

fn write_all(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    for st in [Settings::Full, Settings::Half, Settings::Double] {
        write_one(dir, "tiny", st, || tiny(st));
        write_one(dir, "mlp", st, || mlp(st));
        write_one(dir, "cnn", st, || cnn(st));
        write_one(dir, "transformer", st, || transformer(st, 2, 16, 32, 4));
        write_one(dir, "kitchen", st, || kitchen(st));
        write_one(dir, "optim-adam", st, || optim(st));
    }
    write_one(dir, "scheduler-noam", Settings::Full, || 1600usize);
    write_one(dir, "scheduler-exp", Settings::Full, || 0.015625f64);
    write_one(dir, "scheduler-step", Settings::Full, || -1i32);
    write_one(dir, "scheduler-constant", Settings::Full, || ());
    write_one(dir, "cosine-max", Settings::Full, || usize::MAX as u64);
}

fn read_one<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    dir: &Path, stem: &str, st: Settings, want: T) {
    for f in Format::ALL {
        let p: PathBuf = dir.join(format!("{stem}.{}.{}", st.short(), f.ext()));
        let r: BurnRecord<T> = load_item(f, &p).unwrap_or_else(|e| panic!("{}: {e}", p.display()));
        assert_eq!(r.item, want, "{}", p.display());
        assert_eq!(r.metadata, BurnMetadata::of(f, st));
        let m: BurnRecordNoItem = load_item(f, &p).unwrap();
        assert_eq!(m.metadata, r.metadata);
        println!("ok {}", p.display());
    }
}

fn read_all(dir: &Path) {
    for st in [Settings::Full, Settings::Half, Settings::Double] {
        read_one(dir, "tiny", st, tiny(st));
        read_one(dir, "mlp", st, mlp(st));
        read_one(dir, "cnn", st, cnn(st));
        read_one(dir, "transformer", st, transformer(st, 2, 16, 32, 4));
        read_one(dir, "kitchen", st, kitchen(st));
        read_one(dir, "optim-adam", st, optim(st));
    }
    read_one(dir, "scheduler-noam", Settings::Full, 1600usize);
    read_one(dir, "scheduler-exp", Settings::Full, 0.015625f64);
    read_one(dir, "scheduler-step", Settings::Full, -1i32);
    read_one(dir, "scheduler-constant", Settings::Full, ());
    read_one(dir, "cosine-max", Settings::Full, usize::MAX as u64);
}
