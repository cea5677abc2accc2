module Records.Tests.CSharp.ParamIdTests

open System
open Expecto
open Records

let private uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8"

let tests =
    testList
        "ParamId of C#"
        [
            testCase "what some Burn writes is parsed, and its text stays" (fun () ->
                for text, value in
                    [
                        "tv6qn2b78khg2", Nullable 0x0123456789abcdefUL
                        "TV6QN2B78KHG2", Nullable 0x0123456789abcdefUL
                        "tv6qn2b78k", Nullable 0x456789abcdefUL
                        uuid, Nullable()
                    ] do
                    let id = ParamId.Parse text
                    Expect.equal (string id, id.Value, id.IsValid) (text, value, true) text
                    Expect.equal (ParamId.TryParse text) (true, id) "tried")

            testCase "another text is not parsed, but may stand in a file" (fun () ->
                for text in [ ""; "weight"; "{" + uuid + "}"; "00000000000000"; "vv" ] do
                    Expect.throwsT<FormatException> (fun () -> ParamId.Parse text |> ignore) text
                    Expect.equal (ParamId.TryParse text) (false, Unchecked.defaultof<ParamId>) "tried"

                Expect.equal (ParamId.TryParse null) (false, Unchecked.defaultof<ParamId>) "null"
                let id = ParamId.Of "weight"
                Expect.equal (string id, id.Value, id.IsValid) ("weight", Nullable(), false) "as it is")

            testCase "a UUID has the text that Burn up to 0.13 gives it" (fun () ->
                let id = ParamId.Of(Guid.Parse(uuid.ToUpperInvariant()))
                Expect.equal (string id, id.Value) (uuid, Nullable()) "lower case, hyphens, no number")

            testProperty "every number comes back" (fun (low: uint32) (high: uint32) ->
                let value = uint64 high <<< 32 ||| uint64 low
                let id = ParamId.Of value
                Expect.equal (ParamId.Parse(string id).Value) (Nullable value) "from its text"
                Expect.equal (string id).Length 13 "of 13 characters")

            testCase "new ids are valid, and differ" (fun () ->
                let ids = [ for _ in 1..1000 -> ParamId.New() ]
                Expect.all ids _.IsValid "valid"
                Expect.equal (List.distinct ids).Length 1000 "no two alike")

            testCase "a seeded device gives the same ids again" (fun () ->
                let draw () =
                    let device = Device.Cpu.Seeded 42L
                    [ ParamId.New device; ParamId.New device ]

                Expect.equal (draw ()) (draw ()) "the same"
                Expect.equal (draw () |> List.distinct).Length 2 "two of them")

            testCase "no id is an empty text" (fun () ->
                let none = Unchecked.defaultof<ParamId>
                Expect.equal (string none, none.Value, none.IsValid) ("", Nullable(), false) "")
        ]
