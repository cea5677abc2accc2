namespace Records.Core

/// A bfloat16 by its bits: the upper half of a single. For recorded types that hold one.
[<Struct>]
type BFloat16 = { Bits: uint16 }
