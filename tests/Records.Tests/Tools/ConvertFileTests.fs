module Records.Tests.Tools.ConvertFileTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Tools.ConversionTests

let private noWatch = { Report = None; Token = token }

let tests =
    testList
        "ConvertFile"
        [
            test "compressed files and JSON give the same through a file as in memory" {
                inFolder (fun folder ->
                    let at name = Path.Combine(folder, name)
                    let large = singles [ for index in 1..20000 -> single index ]

                    for source in [ "mpk.gz"; "json"; "json.gz"; "bin.gz" ] do
                        File.WriteAllBytes(at $"in.{source}", simple source large)
                        let schema = Schema.Struct [ "w", Schema.Param ]

                        ConvertFile.run (typed "mpk" schema) (at $"in.{source}") (at "out.mpk") true noWatch
                        |> ok
                        |> ignore

                        expectBytes (File.ReadAllBytes(at "out.mpk")) (simple "mpk" large) source
                        File.Delete(at $"in.{source}")

                    Expect.equal
                        [ for file in Directory.GetFiles folder -> Path.GetFileName file ]
                        [ "out.mpk" ]
                        "nothing else is left")
            }

            test "a file that is there stays unless it may be overwritten, and after a failure" {
                inFolder (fun folder ->
                    let at (name: string) = Path.Combine(folder, name)
                    File.WriteAllText(at "out.mpk", "precious")
                    File.WriteAllBytes(at "in.mpk", simple "mpk" (singles [ 1e30f ]))

                    let run conversion overwrite =
                        ConvertFile.run conversion (at "in.mpk") (at "out.mpk") overwrite noWatch

                    error (run (into "mpk") false) |> ignore
                    Expect.equal (File.ReadAllText(at "out.mpk")) "precious" "not asked to"

                    error (run { into "mpk" with Precision = Some Precision.Half; Strict = true } true)
                    |> ignore

                    Expect.equal (File.ReadAllText(at "out.mpk")) "precious" "it failed half-way"
                    run (into "mpk") true |> ok |> ignore
                    Expect.equal (Directory.GetFiles folder).Length 2 "and nothing else is there")
            }

            test "progress ends with everything read, and stopping leaves nothing" {
                inFolder (fun folder ->
                    let at (name: string) = Path.Combine(folder, name)

                    File.WriteAllBytes(
                        at "in.mpk.gz",
                        simple "mpk.gz" (singles [ for index in 1..50000 -> single index ])
                    )

                    let seen = ResizeArray<Progress>()
                    let watch = { Report = Some seen.Add; Token = token }

                    ConvertFile.run (into "json") (at "in.mpk.gz") (at "out.json") false watch
                    |> ok
                    |> ignore

                    let last = seen[seen.Count - 1]

                    Expect.equal
                        (last.Path, last.Bytes, last.Total)
                        (Some [ "w" ], 200000L, Some 200000L)
                        "all of the tensor"

                    Expect.equal seen[0].Path None "the file first"
                    use stop = new Threading.CancellationTokenSource()

                    let stopping =
                        {
                            Report =
                                Some(fun progress ->
                                    if progress.Path.IsSome then
                                        stop.Cancel())
                            Token = stop.Token
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            ConvertFile.run (into "mpk") (at "in.mpk.gz") (at "out.mpk") false stopping
                            |> ignore)
                        "stopped"

                    Expect.equal (Directory.GetFiles folder).Length 2 "no trace")
            }
        ]
