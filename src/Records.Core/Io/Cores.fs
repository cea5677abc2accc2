namespace Records.Core

open System

/// The processors of the machine, or those that the process may use.
[<RequireQualifiedAccess>]
module internal Cores =

    /// As many at a time as were asked for, and no more than there are processors: that would make nothing faster, and each takes memory.
    let atMost degree = min degree Environment.ProcessorCount
