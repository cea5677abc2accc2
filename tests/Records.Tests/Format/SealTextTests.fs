/// The text that a seal is.
module Records.Tests.SealTextTests

open System
open System.Text
open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests.Generators
open Records.Tests.Support

let private isNamed root =
    let expected =
        [ for path, _ in Record.tensors root -> Encoding.ASCII.GetString((Seal.pathText path).Span) ]

    let found = [ for text in Seal.pathTexts root -> Encoding.ASCII.GetString text.Span ]
    Expect.equal found expected "of each tensor, in its place"
    Expect.equal found.Length (Record.countTensors root) "of each tensor"

let tests =
    testList
        "Seal, text"
        [
            testPropertyWithConfig config "a seal has the path of every tensor of a record"
            <| Prop.forAll samples (fun sample -> isNamed sample.Record)

            testCase
                "so it does where options are in one another, and names are empty, long or of other letters"
                (fun () ->
                    let weight = Record.Tensor(f32 [ 1L ] [ 1f ])
                    let twice = Record.Option(Some(Record.Option(Some weight)))
                    isNamed weight

                    for name in [ "a"; ""; "ä.b"; "a%2E"; String('x', 300); String('ö', 300) ] do
                        let root = structOf [ name, twice; "last", Record.List [ structOf [ name, weight ]; weight ] ]

                        isNamed root

                        for recorder in [ Recorder.namedMsgPack; Recorder.prettyJson ] do
                            let payload = ok (Recorder.encode recorder (documentOf root))
                            let written = bytesOf payload

                            Expect.equal
                                payload.Length
                                (payload.Length |> Option.map (fun _ -> written.LongLength))
                                "as long as it said")

            testCase "the text of a seal can be written in one way alone" (fun () ->
                let textWith copy (path: byte[]) =
                    Seal.written (
                        Seal.unsigned
                            UInt128.Zero
                            copy
                            [| { Path = ReadOnlyMemory path; Start = 3L; Length = 4L; Hash = UInt128.MaxValue } |]
                    )

                let textOf = textWith 0L

                let parse (text: byte[]) =
                    RecordError.catch (fun () -> Seal.parse Int64.MaxValue 0L (ReadOnlyMemory text))

                for path in [ "a.b"B; "a%2Eb"B; ""B ] do
                    Expect.equal (ok (parse (textOf path))).Tensors.Length 1 "as it is written"
                    Expect.equal (ok (parse (textWith 5L path))).Copy 5L "the length of a copy"

                // a letter that needs no spelling, and digits in the other case
                for path in [ "%61"B; "a%2eb"B; "a%2"B ] do
                    error (parse (textOf path)) |> ignore

                let text = textOf "a.b"B
                let longer = Array.append text "12345"B
                let length = Encoding.ASCII.GetBytes(longer.Length.ToString "x16")
                length.CopyTo(longer, text.Length - Seal.trailer + 1)
                error (parse longer) |> ignore
                error (parse (Array.append text "1"B)) |> ignore
                error (parse text[.. text.Length - 2]) |> ignore

                for text in [ text; textWith 5L "a.b"B ] do
                    for length in 0 .. text.Length - 1 do
                        error (parse text[.. length - 1]) |> ignore

                // a copy of nothing is none
                let none = textWith 1L "a"B
                none[none.AsSpan().IndexOf("0000000000000001"B.AsSpan()) + 15] <- '0'B
                error (parse none) |> ignore

                // whatever is read is what a writer writes of it
                for text in [ text; textOf "a%2Eb"B; textWith 258L "a"B ] do
                    for place in 0 .. text.Length - 1 do
                        for other in 0uy .. 255uy do
                            let changed = Array.copy text
                            changed[place] <- other

                            match parse changed with
                            | Ok seal -> expectBytes (Seal.written seal) changed $"{other} at {place}"
                            | Error _ -> ())
        ]
