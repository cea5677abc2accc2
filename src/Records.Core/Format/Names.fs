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
