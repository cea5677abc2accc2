/// Shapes that a file has again and again, which are read once.
module Records.Tests.ShapesTests

open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Support

let private recorders =
    [
        "mpk", Recorder.namedMsgPack
        "bin", Recorder.bincode
        "json", Recorder.prettyJson
        "bpk", Recorder.burnpack
    ]

let private prepared recorder =
    recorder
    |> Recorder.schema (Schema.List Schema.Tensor)
    |> Recorder.precision Precision.Kept

/// Tensors of nothing, which may have any dimensions beside a zero, and small ones.
let private dims =
    let sizes =
        Gen.elements [ 0L; 1L; 2L; 127L; 128L; 250L; 251L; 255L; 256L; 65535L; 65536L; 1L <<< 31; 1L <<< 32 ]

    Gen.oneof
        [
            Gen.choose (0, 20)
            |> Gen.bind (fun rank -> Gen.listOfLength rank (Gen.elements [ 1L; 2L ]))
            |> Gen.map (List.truncate 8)
            Gen.choose (0, 3)
            |> Gen.bind (fun rank -> Gen.listOfLength rank sizes)
            |> Gen.map (fun dims -> dims @ [ 0L ])
            // all but the zero have to be countable
            |> Gen.filter (Shape.create >> Result.isOk)
        ]

/// Many of few.
let private shapes =
    Gen.choose (1, 12)
    |> Gen.bind (fun count -> Gen.arrayOfLength count dims)
    |> Gen.bind (fun few -> Gen.listOf (Gen.elements few))

let private tensors shapes =
    Record.List
        [
            for dims in shapes ->
                let count = List.fold (*) 1L dims
                Record.Tensor(tensorOf Dtype.U8 dims (Array.create (int count) (byte dims.Length)))
        ]

/// The least value of a limit with which the recorder reads the bytes.
let private least limited recorder (bytes: byte[]) =
    Seq.init 400 id
    |> Seq.find (fun limit -> Result.isOk (Recorder.decode (Recorder.limits (limited limit) recorder) (inputOf bytes)))

let private entries limit =
    { Recorder.defaultLimits with Entries = int64 limit }

let private depth limit =
    { Recorder.defaultLimits with Depth = limit }

let private tensor dims =
    Record.Tensor(tensorOf Dtype.U8 dims (Array.zeroCreate (int (List.fold (*) 1L dims))))

/// What is limited, and two records of which the second has no shape twice: the limits that they need are the same.
let private limited =
    let orders =
        [
            for first in 0..2 do
                for second in 0..1 do
                    [ 0L; 2L; 3L ]
                    |> List.permute (fun at -> (at + first) % 3)
                    |> List.permute (fun at -> if at < 2 then (at + second) % 2 else at)
        ]

    let inside first second =
        structOf [ "a", tensor first; "b", structOf [ "c", structOf [ "d", tensor second ] ] ]

    [
        "entries",
        entries,
        Record.List [ for _ in orders -> tensor [ 0L; 2L; 3L ] ],
        Record.List(List.map tensor orders)
        "depth", depth, inside [ 2L; 1L ] [ 2L; 1L ], inside [ 2L; 1L ] [ 1L; 2L ]
        "depth of none", depth, Record.List [ tensor []; tensor [] ], Record.List [ tensor [] ]
    ]

let tests =
    testList
        "shapes"
        [
            for name, recorder in recorders do
                testProperty
                    $"{name}: each tensor has its own, whatever was read before"
                    (Prop.forAll (Arb.fromGen shapes) (fun shapes ->
                        let root = tensors shapes
                        let recorder = prepared recorder
                        let bytes = bytesOf (ok (Recorder.encode recorder (documentOf root)))
                        expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root root "in memory"

                        let watch = { Report = None; Token = token }
                        let loaded = ok (Recorder.loadNow recorder watch (Memory.place (remote bytes)))
                        expectSame loaded.Root root "read at offsets"))

                for what, limited, same, others in limited do
                    testCase $"{name}: the {what} of one that is there again are those of another" (fun () ->
                        let leastOf root =
                            let recorder =
                                Recorder.schema (Schema.ofRecord root) recorder
                                |> Recorder.precision Precision.Kept

                            least limited recorder (bytesOf (ok (Recorder.encode recorder (documentOf root))))

                        Expect.equal (leastOf same) (leastOf others) what)
        ]
