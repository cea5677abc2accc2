namespace Records.Core

/// Burn's names: of its recorders by what they are made of, and what each leaves in the metadata.
[<RequireQualifiedAccess>]
module internal Names =

    let private compressed =
        Map
            [
                "NamedMpkFileRecorder", "NamedMpkGzFileRecorder"
                "BinFileRecorder", "BinGzFileRecorder"
                "PrettyJsonFileRecorder", "JsonGzFileRecorder"
            ]

    /// The recorder that compresses what this one writes. Burn has none for bytes in memory: those keep their name.
    let gzipped name =
        Map.tryFind name compressed |> Option.defaultValue name

    let private settings precision =
        match precision with
        // nothing in Burn keeps what there is; its default comes nearest
        | Precision.Kept
        | Precision.Full -> "FullPrecisionSettings", "f32", "i32"
        | Precision.Half -> "HalfPrecisionSettings", "half::binary16::f16", "i16"
        | Precision.Double -> "DoublePrecisionSettings", "f64", "i64"

    /// The metadata that Burn would write.
    let metadata (home: string) (recorder: string) precision version =
        let settings, float, int = settings precision

        let int =
            match Generation.tryAt version with
            | Some generation when generation.FloatInts && precision = Precision.Full -> float
            | _ -> int

        Map
            [
                "float", float
                "int", int
                "format", $"burn_core::record::{home}::{recorder}<burn_core::record::settings::{settings}>"
                "version", BurnVersion.text version
                "settings", settings
            ]

    /// A format's name in the metadata with another recorder of files in it: what it was told about its settings stays.
    let renamed (recorder: string) (format: string) =
        match format.IndexOf '<' with
        | start when start > 0 && format.EndsWith '>' ->
            // recorders of bytes name the type of their bytes too
            let settings = format.Substring(start + 1, format.Length - start - 2).Split(',')[0]
            Some $"burn_core::record::file::{recorder}<{settings}>"
        | _ -> None

    /// Ints of full precision were floats up to 0.11: what a file of this precision says of them at this version.
    let intAt version (metadata: Map<string, string>) =
        let floats =
            Generation.tryAt version
            |> Option.exists (fun generation -> generation.FloatInts)

        match Map.tryFind "float" metadata, Map.tryFind "int" metadata with
        | Some "f32", Some "f32" when not floats -> Map.add "int" "i32" metadata
        | Some "f32", Some "i32" when floats -> Map.add "int" "f32" metadata
        | _ -> metadata
