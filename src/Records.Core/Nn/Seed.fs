namespace Records.Core

open System
open System.Threading

/// Where random numbers come from: SplitMix64 (Steele, Lea, Flood 2014), read by position. The same seed gives the same
/// bits on every machine and in every version; what is made of them by way of a logarithm or a cosine may differ in the last bit. Draw from a seed or split it into children, not both.
[<Struct>]
type Seed = Seed of uint64

[<RequireQualifiedAccess>]
module Seed =

    // 2^64 divided by the golden ratio, made odd: the step between positions.
    let private step = 0x9E3779B97F4A7C15UL

    let private mix (state: uint64) =
        let state = (state ^^^ (state >>> 30)) * 0xBF58476D1CE4E5B9UL
        let state = (state ^^^ (state >>> 27)) * 0x94D049BB133111EBUL
        state ^^^ (state >>> 31)

    /// 64 random bits, by their position.
    let bits (index: int64) (Seed seed) = mix (seed + step * uint64 (index + 1L))

    /// An independent seed, by its position.
    let child (index: int64) seed = Seed(bits index seed)

    /// A number in [0, 1) with 53 random bits, by its position.
    let fraction (index: int64) seed =
        float (bits index seed >>> 11) * (1.0 / 9007199254740992.0)

    /// So many numbers between low and high, both included: rounding to float32 may reach them.
    let uniform (low: float) (high: float) (count: int) seed =
        Array.init count (fun index -> float32 (low + (high - low) * fraction index seed))

    /// So many numbers of the normal distribution.
    let normal (mean: float) (deviation: float) (count: int) seed =
        // Box and Muller: two uniform numbers make two normal ones.
        let draw index =
            let first = int64 index &&& ~~~1L
            let radius = sqrt (-2.0 * log (1.0 - fraction first seed))
            let angle = 2.0 * Math.PI * fraction (first + 1L) seed
            let value = radius * (if index % 2 = 0 then cos angle else sin angle)
            float32 (mean + deviation * value)

        Array.init count draw

/// Hands out seeds in order, to any number of threads.
[<Sealed>]
type SeedStream(seed: Seed) =
    let mutable taken = 0L

    /// The next seed.
    member _.Next() =
        Seed.child (Interlocked.Increment &taken - 1L) seed
