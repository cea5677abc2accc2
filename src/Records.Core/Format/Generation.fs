namespace Records.Core

open System

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module BurnVersion =

    /// Burn 0.minor.0.
    let minor minor = { Major = 0; Minor = minor; Patch = 0 }

    /// The last Burn that had recorders: what is written unless another is asked for.
    let latest = minor 21

    /// Reads "0.14" or "0.21.0-pre.1"; what follows the numbers does not count.
    let tryParse (text: string) =
        let numbers =
            text.Split('-').[0].Split('.')
            |> Array.map (fun (part: string) ->
                Int32.TryParse(part, Globalization.NumberStyles.None, Globalization.CultureInfo.InvariantCulture))

        match numbers with
        | [| true, major; true, minor |] -> Some { Major = major; Minor = minor; Patch = 0 }
        | [| true, major; true, minor; true, patch |] -> Some { Major = major; Minor = minor; Patch = patch }
        | _ -> None

    /// The version as Burn writes it: 0.21.0.
    let text version =
        $"{version.Major}.{version.Minor}.{version.Patch}"

/// How a constant is laid out: one none whatever it is made of, or a none for each of its parts.
[<RequireQualifiedAccess>]
type internal ConstantLayout =
    | OneNone
    | Parts

/// A layout of record files. What changed from one Burn to the next is a field here; codecs ask it and nothing else.
type internal Generation =
    {
        Name: string
        /// The first Burn that wrote it.
        Since: BurnVersion
        /// Names of the dtypes in the order of their numbers.
        Dtypes: string list
        /// Whether "Bool" says how truth values are stored.
        BoolStores: bool
        Constants: ConstantLayout
    }

// Source: DType in burn-tensor at the release tags 0.17 to 0.21; `[const; N]` in burn-derive.
[<RequireQualifiedAccess>]
module internal Generation =

    let private d17 =
        [
            "F64"
            "F32"
            "Flex32"
            "F16"
            "BF16"
            "I64"
            "I32"
            "I16"
            "I8"
            "U64"
            "U32"
            "U16"
            "U8"
            "Bool"
            "QFloat"
        ]

    /// Burn 0.17 to 0.20.
    let g5 =
        {
            Name = "G5"
            Since = BurnVersion.minor 17
            Dtypes = d17
            BoolStores = false
            Constants = ConstantLayout.Parts
        }

    /// Burn 0.21.
    let g6 =
        { g5 with
            Name = "G6"
            Since = BurnVersion.minor 21
            BoolStores = true
            Constants = ConstantLayout.OneNone
        }

    /// Every layout that is known, newest first.
    let all = [ g6; g5 ]

    /// The layout that this Burn writes; None for one older than the table.
    let tryAt (version: BurnVersion) =
        all |> List.tryFind (fun generation -> generation.Since <= version)

    /// The layout that this Burn writes; an error for one older than the table.
    let at version =
        match tryAt version with
        | Some generation -> generation
        | None ->
            let reason = $"the layout of Burn {BurnVersion.text version} is not known"
            RecordError.raise (RecordError.Unsupported([], reason))

    /// The versions whose layouts a file without structure may have, the likeliest first.
    let candidates (likely: BurnVersion option) =
        let versions =
            [
                for minor in BurnVersion.latest.Minor .. -1 .. (List.last all).Since.Minor -> BurnVersion.minor minor
            ]

        match likely with
        | Some version when (tryAt version).IsSome -> version :: List.filter ((<>) version) versions
        | _ -> versions
