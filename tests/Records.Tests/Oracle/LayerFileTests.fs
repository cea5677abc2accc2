/// Built-in layers as the reference lays them out for several versions of Burn, read into our types and written again.
module Records.Tests.LayerFileTests

open System.IO
open Expecto
open Records
open Records.Core
open Records.Tests.Support

type private Recorder = Records.Core.Recorder
type private Precision = Records.Core.Precision

/// One layer: its name in files, a recorder that knows its schema, and a record through its type.
type private Layer =
    {
        Name: string
        For: Recorder -> Recorder
        Typed: Record -> Record
        /// What is saved of it.
        Document: Recorder -> Record -> Document
        /// The first version whose file has the parameters of the last.
        Whole: int
    }

let private layer<'R when 'R :> IRecord<'R> and 'R: not struct> name whole =
    {
        Name = name
        For = fun recorder -> RecorderCore.For<'R> recorder
        Typed = fun root -> RecordWriter.Write<'R>(RecordReader.Read<'R> root)
        Document = fun recorder root -> RecorderCore.Document<'R>(recorder, RecordReader.Read<'R> root)
        Whole = whole
    }

let private layers =
    [
        // From these versions on they have a PRelu in them.
        layer<GruRecord> "gru" 21
        layer<LstmRecord> "lstm" 20
        layer<LayerNormRecord> "layer-norm" 13
        layer<GroupNormRecord> "group-norm" 13
        layer<InstanceNormRecord> "instance-norm" 13
        layer<MultiHeadAttentionRecord> "attention" 13
        layer<TransformerEncoderRecord> "encoder" 13
        layer<ConvTranspose2dRecord> "transposed" 13
        layer<Records.Samples.MixedRecord> "mixed" 13
    ]

let private versions =
    [
        for minor, patch in [ 13, 2; 19, 1; 20, 1; 21, 0 ] -> { Major = 0; Minor = minor; Patch = patch }
    ]

let private file (layer: Layer) version short extension =
    File.ReadAllBytes(
        Path.Combine(OracleTests.layers (), $"{layer.Name}-{BurnVersion.text version}.{short}.{extension}")
    )

let private encode layer recorder root =
    bytesOf (ok (Records.Core.Recorder.encode recorder (layer.Document recorder root)))

let private decode recorder bytes =
    (ok (Records.Core.Recorder.decode recorder (inputOf bytes))).Root

/// Paths, ids and tensors: what of a record does not depend on the version.
let private same actual expected message =
    expectSame (Record.erase actual) (Record.erase expected) message

let private check layer version short precision =
    let mutable first = None

    for extension, recorder in Models.recorders do
        let name = $"{layer.Name} of Burn {BurnVersion.text version}, {short}.{extension}"
        let bytes = file layer version short extension
        let recorder = layer.For(Records.Core.Recorder.precision precision recorder)
        let forBurn = Records.Core.Recorder.forBurn version recorder
        let typed = layer.Typed(decode recorder bytes)
        expectSame (layer.Typed(decode forBurn bytes)) typed $"{name}: read as that Burn's"

        match first with
        | None -> first <- Some typed
        | Some first -> same typed first $"{name}: the same from every format"

        Files.expectFile extension (encode layer forBurn typed) bytes $"{name}: written as that Burn wrote it"
        let newest = encode layer recorder typed
        same (layer.Typed(decode recorder newest)) typed $"{name}: read from the newest layout"

        // Ids were UUIDs in 0.13, so nothing that Burn writes now has them.
        if version.Minor >= 19 && version.Minor >= layer.Whole then
            let last = List.last versions
            Files.expectFile extension newest (file layer last short extension) $"{name}: written as 0.21 does"

    // The parameters are the same in every version, and only the ids another time's.
    match first with
    | Some typed when version.Minor >= layer.Whole ->
        let values root =
            [ for path, data in Record.tensors root -> path, Shape.dims data.Shape, wholeOf data.Bytes ]

        let recorder = layer.For(Records.Core.Recorder.precision precision Records.Core.Recorder.namedMsgPack)
        let last = layer.Typed(decode recorder (file layer (List.last versions) short "mpk"))
        Expect.equal (values typed) (values last) $"{layer.Name}: paths, shapes and values of 0.21"
    | _ -> ()

/// From one version to another: what the other cannot hold is an error, and everything else is there.
let private convert layer version short precision =
    for extension, recorder in Models.recorders do
        let recorder = layer.For(Records.Core.Recorder.precision precision recorder)
        let typed = layer.Typed(decode recorder (file layer version short extension))

        for target in versions do
            let name =
                $"{layer.Name} of Burn {BurnVersion.text version} for {BurnVersion.text target}, {short}.{extension}"

            let forBurn = Records.Core.Recorder.forBurn target recorder

            match Records.Core.Recorder.encode forBurn (layer.Document forBurn typed) with
            | Error error ->
                Expect.isTrue (version.Minor >= layer.Whole && target.Minor < layer.Whole) $"{name}: {error}"
            | Ok payload ->
                Expect.isFalse (version.Minor >= layer.Whole && target.Minor < layer.Whole) $"{name}: tensors are lost"
                same (layer.Typed(decode forBurn (bytesOf payload))) typed name

let private device = Device.Cpu

let tests =
    testList
        "layers of the reference"
        [
            for layer in layers do
                for version in versions do
                    for short, precision in Models.settings do
                        testCase
                            $"{layer.Name} of Burn {BurnVersion.text version}, {short}, is read and written"
                            (fun () -> check layer version short precision)

                        testCase
                            $"{layer.Name} of Burn {BurnVersion.text version}, {short}, is written for the others"
                            (fun () -> convert layer version short precision)

            testCase "files load into modules and are saved for an older Burn" (fun () ->
                let at name =
                    Path.Combine(OracleTests.layers (), name)

                inFolder (fun folder ->
                    let recorder = BinFileRecorder<FullPrecisionSettings>()
                    let norm = InstanceNorm.Init(4, device)
                    let loaded = norm.LoadFile(at "instance-norm-0.13.2.full", recorder, device)

                    match loaded.Gamma, norm.Gamma with
                    | null, _
                    | _, null -> failtest "both have factors"
                    | loaded, initial -> Expect.notEqual (loaded.Value.ToArray()) (initial.Value.ToArray()) "loaded"

                    let target = Path.Combine(folder, "norm")
                    loaded.SaveFile(target, recorder.ForBurn("0.13.2").Unsealed())

                    expectBytes
                        (File.ReadAllBytes(target + ".bin"))
                        (File.ReadAllBytes(at "instance-norm-0.13.2.full.bin"))
                        "the file of Burn 0.13"

                    let recorder = NamedMpkFileRecorder<HalfPrecisionSettings>()
                    let gru = Gru.Init(2, 3, device)
                    let loaded = gru.LoadFile(at "gru-0.19.1.half", recorder, device)
                    Expect.isTrue loaded.ResetAfter "a constant stays"
                    loaded.SaveFile(target, recorder.ForBurn("0.19.1").Unsealed())

                    expectBytes
                        (File.ReadAllBytes(target + ".mpk"))
                        (File.ReadAllBytes(at "gru-0.19.1.half.mpk"))
                        "the file of Burn 0.19"))
        ]
