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

/// How a constant is laid out.
[<RequireQualifiedAccess>]
type internal ConstantLayout =
    /// One none, whatever it is made of.
    | OneNone
    /// A none for each of its parts.
    | Parts
    /// The same, but a none takes no byte where formats have no names.
    | Nothing

/// How a tensor is laid out.
[<RequireQualifiedAccess>]
type internal TensorLayout =
    /// Bytes, shape and dtype.
    | Bytes
    /// A list of numbers and a shape.
    | Values

/// How a quantised tensor says what it is.
[<RequireQualifiedAccess>]
type internal QuantLayout =
    /// A variant with the scale in it.
    | Strategy
    /// A variant and what it quantises to.
    | Kind
    /// The same, as a variant of two.
    | Mode
    /// A struct of level, mode, type, and what computing with it means.
    | Flags
    /// A struct of value, parameter, store, level and mode; the stores in the order of their numbers.
    | Scheme of Stores: string list

/// A layout of record files. What changed from one Burn to the next is a field here; codecs ask it and nothing else.
type internal Generation =
    {
        Name: string
        /// The first Burn that wrote it.
        Since: BurnVersion
        /// Versions before that, which call themselves by its number.
        NotYet: string list
        /// Whether the envelope ends with the marker "_b".
        Marker: bool
        Tensors: TensorLayout
        /// Names of the dtypes in the order of their numbers.
        Dtypes: string list
        /// Whether "Bool" says how truth values are stored.
        BoolStores: bool
        Quantised: QuantLayout
        Constants: ConstantLayout
        /// Whether an array begins with its length, as a list does, where formats have no names.
        CountedArrays: bool
        /// Whether ints of full precision are floats.
        FloatInts: bool
    }

// Source: the record module of burn-core at the release tags 0.7 to 0.21, DType in burn-tensor, `[const; N]` in burn-derive.
[<RequireQualifiedAccess>]
module internal Generation =

    // Each numbering by what it put between the floats and Bool.
    let private floats = [ "F64"; "F32"; "F16"; "BF16" ]
    let private flexible = [ "F64"; "F32"; "Flex32"; "F16"; "BF16" ]
    let private signed = [ "I64"; "I32"; "I16"; "I8" ]
    let private d14 = floats @ signed @ [ "U64"; "U32"; "U8"; "Bool"; "QFloat" ]
    let private d16 = floats @ signed @ [ "U64"; "U32"; "U16"; "U8"; "Bool"; "QFloat" ]
    let private d17 = flexible @ signed @ [ "U64"; "U32"; "U16"; "U8"; "Bool"; "QFloat" ]

    /// Burn 0.21.
    let g6 =
        {
            Name = "G6"
            Since = BurnVersion.minor 21
            NotYet = [ "0.21.0-pre.1"; "0.21.0-pre.2" ]
            Marker = true
            Tensors = TensorLayout.Bytes
            Dtypes = d17
            BoolStores = true
            Quantised = QuantLayout.Scheme [ "Native"; "PackedNative"; "PackedU32" ]
            Constants = ConstantLayout.OneNone
            CountedArrays = false
            FloatInts = false
        }

    /// Burn 0.20.
    let g5 =
        { g6 with
            Name = "G5"
            Since = BurnVersion.minor 20
            NotYet = []
            BoolStores = false
            Constants = ConstantLayout.Parts
        }

    // Burn 0.17 to 0.20 differ in how they say what a quantised tensor is, and in nothing else.

    let private g5In19 =
        { g5 with Since = BurnVersion.minor 19; Quantised = QuantLayout.Scheme [ "Native"; "U32" ] }

    let private g5In18 = { g5 with Since = BurnVersion.minor 18; Quantised = QuantLayout.Flags }
    let private g5In17 = { g5 with Since = BurnVersion.minor 17; Quantised = QuantLayout.Mode }

    /// Burn 0.16.
    let g4 =
        { g5 with Name = "G4"; Since = BurnVersion.minor 16; Dtypes = d16; Quantised = QuantLayout.Kind }

    /// Burn 0.14 and 0.15.
    let g3 =
        { g5 with
            Name = "G3"
            Since = BurnVersion.minor 14
            Dtypes = d14
            Quantised = QuantLayout.Strategy
        }

    /// Burn 0.12 and 0.13.
    let g2 = { g3 with Name = "G2"; Since = BurnVersion.minor 12; Tensors = TensorLayout.Values }

    /// Burn 0.8 to 0.11.
    let g1 =
        { g2 with
            Name = "G1"
            Since = BurnVersion.minor 8
            Marker = false
            CountedArrays = true
            FloatInts = true
        }

    /// Burn 0.7.
    let g0 = { g1 with Name = "G0"; Since = BurnVersion.minor 7; Constants = ConstantLayout.Nothing }

    /// Every layout there is, newest first.
    let all = [ g6; g5; g5In19; g5In18; g5In17; g4; g3; g2; g1; g0 ]

    /// The layout that this Burn writes; None for one older than the table.
    let tryAt (version: BurnVersion) =
        all |> List.tryFind (fun generation -> generation.Since <= version)

    /// The layout that this Burn writes; an error for one that had no records.
    let at version =
        match tryAt version with
        | Some generation -> generation
        | None ->
            let reason = $"the layout of Burn {BurnVersion.text version} is not known"
            RecordError.raise (RecordError.Unsupported([], reason))

    /// The layout in which the recorders of this Burn write; an error for one that has none.
    let ofRecorders version =
        if version < BurnVersion.minor (BurnVersion.latest.Minor + 1) then
            at version
        else
            let reason =
                $"Burn {BurnVersion.text version} has no recorders and reads burnpack alone: 0.{BurnVersion.latest.Minor} was the last to have them"

            RecordError.raise (RecordError.Unsupported([], reason))

    /// The layout that a file's own version promises, and the version whose layers it has; None for what is no known version.
    let promised (text: string) =
        BurnVersion.tryParse text
        |> Option.bind (fun version ->
            all
            |> List.tryFind (fun generation ->
                generation.Since <= version && not (List.contains text generation.NotYet))
            |> Option.map (fun generation -> generation, version))

    /// A version for each minor number that had records, newest first.
    let versions =
        [
            for minor in BurnVersion.latest.Minor .. -1 .. (List.last all).Since.Minor -> BurnVersion.minor minor
        ]
