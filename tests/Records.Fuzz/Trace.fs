/// Where the instrumented library counts before AFL says where: what the program's values are made with runs already.
module Records.Fuzz.Trace

#nowarn "9" // a pointer is what SharpFuzz takes

open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop

/// Gives it a place that nobody reads.
let discard () =
    SharpFuzz.Common.Trace.SharedMem <- NativePtr.ofVoidPtr<byte>(NativeMemory.AllocZeroed(unativeint 65536))
