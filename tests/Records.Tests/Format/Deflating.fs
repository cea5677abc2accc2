/// Contents, and deflated bytes of them by .NET's zlib.
module Records.Tests.Deflating

open System
open System.IO
open System.IO.Compression

/// A whole stream.
let deflated level strategy (bytes: byte[]) =
    use output = new MemoryStream()
    let options = ZLibCompressionOptions(CompressionLevel = level, CompressionStrategy = strategy)

    using (new DeflateStream(output, options, leaveOpen = true)) (fun deflate -> deflate.Write(ReadOnlySpan bytes))
    output.ToArray()

/// Stretches one after the other, each ended on a whole byte and none the last of its stream; all but the first may copy from those before.
let stretches level strategy (contents: byte[] list) =
    use output = new MemoryStream()
    let options = ZLibCompressionOptions(CompressionLevel = level, CompressionStrategy = strategy)
    let deflate = new DeflateStream(output, options, leaveOpen = true)

    let ends =
        [
            0
            for content in contents do
                deflate.Write(ReadOnlySpan content)
                deflate.Flush()
                int output.Length
        ]

    deflate.Dispose()
    let bytes = output.ToArray()
    [ for first, next in List.pairwise ends -> bytes[first .. next - 1] ]

/// One alone.
let stretch level strategy content =
    List.exactlyOne (stretches level strategy [ content ])

let huffman = ZLibCompressionStrategy.HuffmanOnly

let weights seed count =
    let random = Random(seed: int)

    let gauss () =
        single (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5)

    Array.init count (fun _ -> BitConverter.GetBytes(gauss (): single))
    |> Array.concat

let noise seed count =
    let bytes = Array.zeroCreate<byte> count
    Random(seed: int).NextBytes bytes
    bytes
