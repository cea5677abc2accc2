/// Burnpack files that are not the project's to ship: Burn's own writer made those called ok. Where the folder is absent, these tests
/// are skipped.
module Records.Tests.BurnpackVectorTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records.Core
open Records.Tests.Support

let private folder = Path.GetFullPath(Path.Combine(root, "..", "shared", "fixtures", "burnpack"))

let private fixture (name: string) =
    let path = Path.Combine(folder, name)

    if not (File.Exists path) then
        skiptest $"../shared/fixtures/burnpack/{name} is not here"

    path

let private vector name =
    File.ReadAllBytes(fixture (Path.Combine("vectors", name)))

let private decode (bytes: byte[]) =
    Burnpack.codec.Decode (contextOf None) (inputOf bytes)

let private encode burn document =
    bytesOf (ok (Burnpack.codec.Encode { Burn = burn } document))

type private Verdict =
    /// Read, and written again by the same Burn as it was.
    | Same of BurnVersion
    /// Read; Burn writes it another way.
    | Read
    /// Refused, and read by who asks for it.
    | Strict
    /// Refused by everyone.
    | Bad

let private verdicts =
    let latest = Burnpack.latest

    [
        "ok_all_dtypes", Same latest, "Burn's own: every dtype"
        "ok_empty", Same latest, "Burn's own: no tensors"
        "ok_quantised", Same latest, "Burn's own: both kinds of scales"
        "ok_readme_example", Same latest, "Burn's own: ids and user metadata"
        "ok_scalars_metadata", Same latest, "Burn's own: scalars of every kind, floats as short as they go"
        "ok_write_order_not_name_order", Same latest, "Burn's own: the data in another order than the names"
        "q_min_handmade", Same latest, "nothing is wrong with it"
        "bad_dtype_bool_v020", Same(BurnVersion.minor 20), "Burn 0.22 refuses it; it is what 0.20 wrote"
        "q_qfloat_v021_block", Same(BurnVersion.minor 21), "Burn 0.22 misreads it; it is what 0.21 wrote"
        "q_non_canonical_int", Read, "longer integers mean the same"
        "q_tagged_value", Read, "the tag says that this is CBOR"
        "q_param_id_null", Read, "no id"
        "q_overlap", Strict, "a byte would be in two tensors"
        "q_overlap_10000", Strict, "65 KiB would become 655 MB"
        "q_hole", Strict, "bytes that no tensor has"
        "q_shape_vs_bytes_short", Strict, "a shape of more than there is"
        "q_shape_vs_bytes_long", Strict, "bytes that no element has"
        "q_shape_overflow", Strict, "a shape beyond counting"
        "q_shape_huge", Strict, "a shape of terabytes"
        "q_offsets_3", Strict, "what would the third one mean"
        "q_metadata_size_too_big_by_2", Strict, "bytes that no value has"
        "q_bytes_key", Bad, "a key that is no text: nobody writes that"
        "q_indefinite_text", Bad, "Burn refuses it, and nobody writes that"
        "q_metadata_int_value", Bad, "Burn refuses it: metadata is text"
        "q_scalar_int_negative_uint", Bad, "Burn refuses it: a UInt is not negative"
        "bad_dtype_unknown", Bad, "bytes that nobody could read"
        "bad_dup_top_key", Bad, "which of the two"
        "bad_magic_big_endian", Bad, "another format"
        "bad_metadata_size_past_eof", Bad, "cut short"
        "bad_negative_offset", Bad, "before the file"
        "bad_nested_200", Bad, "no map of tensors"
        "bad_offset_past_eof", Bad, "cut short"
        "bad_offset_u64_max", Bad, "cut very short"
        "bad_reversed_offsets", Bad, "fewer than no bytes"
        "bad_short_4", Bad, "cut short"
        "bad_tensor_over_10GiB", Bad, "cut short"
        "bad_tensors_list", Bad, "no names"
        "bad_truncated_last_byte", Bad, "cut short"
        "bad_version_2", Bad, "a version to come"
    ]

let private expected (name: string) =
    use document = JsonDocument.Parse(File.ReadAllText(fixture name))

    [
        for file in document.RootElement.EnumerateObject() do
            file.Name,
            [
                for tensor in file.Value.GetProperty("tensors").EnumerateObject() do
                    let id = tensor.Value.GetProperty "param_id"

                    let dtype =
                        match tensor.Value.GetProperty "dtype" with
                        | name when name.ValueKind = JsonValueKind.String -> string name
                        | variant -> (Seq.head (variant.EnumerateObject())).Name

                    tensor.Name,
                    (dtype,
                     [ for dim in tensor.Value.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
                     string (tensor.Value.GetProperty "sha256"),
                     if id.ValueKind = JsonValueKind.Null then
                         None
                     else
                         Some(ParamId.ofUInt64 (UInt64.Parse(string id))))
            ]
            |> Map.ofList
    ]

let private leaves (document: Document) =
    [
        for tensor in (ok (Flat.ofRecord document.Root)).Tensors ->
            tensor.Name,
            (Dtype.name tensor.Data.Dtype, Shape.dims tensor.Data.Shape, sha256 (wholeOf tensor.Data.Bytes), tensor.Id)
    ]
    |> Map.ofList

let tests =
    testList
        "burnpack vectors"
        [
            for name, verdict, why in verdicts do
                testCase $"{name}: {why}" (fun () ->
                    let bytes = vector (name + ".bpk")

                    match verdict with
                    | Same burn -> expectBytes (encode burn (ok (decode bytes))) bytes "written again"
                    | Read ->
                        let document = ok (decode bytes)
                        let again = ok (decode (encode Burnpack.latest document))
                        expectSame again.Root document.Root "written the usual way"
                    | Strict ->
                        let message = RecordError.message (error (decode bytes))
                        Expect.stringContains message "at byte" "where"
                        let _, forgiven = ok (Burnpack.decodeLenient (contextOf None) (inputOf bytes))
                        Expect.isNonEmpty forgiven "it is read by who asks for it, and reported"
                    | Bad ->
                        Expect.isNotEmpty (RecordError.message (error (decode bytes))) "in words"
                        error (Burnpack.decodeLenient (contextOf None) (inputOf bytes)) |> ignore)

            testCase "there is a verdict for each of them" (fun () ->
                let files =
                    Directory.GetFiles(Path.GetDirectoryName(fixture "vectors/ok_empty.bpk") |> string, "*.bpk")
                    |> Array.map Path.GetFileNameWithoutExtension
                    |> Array.sort
                    |> List.ofArray

                Expect.equal
                    (List.sort [ for name, _, _ in verdicts -> name ])
                    [ for file in files -> string file ]
                    "the table")

            testCase "Burn's own hold what they should" (fun () ->
                for name, tensors in expected "vectors/EXPECTED.json" do
                    Expect.equal (leaves (ok (decode (vector name)))) tensors name)

            testCase "the blocks that Burn 0.22 overlooks are read" (fun () ->
                let document = ok (decode (vector "q_qfloat_v021_block.bpk"))

                match List.ofSeq (Record.tensors document.Root) with
                | [ _, { Dtype = Dtype.QFloat scheme } ] ->
                    Expect.equal scheme.Level (QuantLevel.Block([ 32uy; 1uy; 1uy; 1uy; 1uy ], 1uy)) "32 to a block"
                    Expect.equal scheme.Param QuantParam.F16 "each with a half for a scale"
                | _ -> failtest "One quantised tensor.")

            testCase "Burn's trained model is read tensor by tensor, and written again as it was" (fun () ->
                let bytes = File.ReadAllBytes(fixture "mnist-inference-web-model.bpk")
                let document = ok (decode bytes)
                Expect.equal (leaves document) (snd (expected "EXPECTED-mnist.json").Head) "every tensor"
                expectBytes (encode Burnpack.latest document) bytes "written again"
                let opened = ok (Burnpack.codec.Decode (contextOf None) (Forward.input (remote bytes)))
                expectBytes (encode Burnpack.latest opened) bytes "from a source that is not in memory")
        ]
