module Records.Tests.FilePathTests

open Expecto
open Records.Core
open Records.Tests.Support

/// What is asked for, with which extension, and our name for it.
let private ours =
    [
        "model", "mpk", "model.mpk"
        "model.mpk", "mpk", "model.mpk"
        "model.v1", "mpk", "model.v1.mpk"
        "model.mpk", "mpk.gz", "model.mpk.gz"
        "model.mpk.gz", "mpk.gz", "model.mpk.gz"
        "model.mpk.gz", "mpk", "model.mpk.gz.mpk"
        "ckpt-0.5", "mpk", "ckpt-0.5.mpk"
        "ckpt-0.6", "mpk", "ckpt-0.6.mpk"
        "model.bin", "mpk", "model.bin.mpk"
        ".hidden", "mpk", ".hidden.mpk"
        "a.b/model", "mpk", "a.b/model.mpk"
        "/data/x.y/model.v2", "bin.gz", "/data/x.y/model.v2.bin.gz"
        "größe 🔥", "json", "größe 🔥.json"
    ]

/// Rust's set_extension.
let private burns =
    [
        "model", "mpk", "model.mpk"
        "model.mpk", "mpk", "model.mpk"
        "model.v1", "mpk", "model.mpk"
        "model.pt", "mpk", "model.mpk"
        "ckpt-0.5", "json", "ckpt-0.json"
        "model.mpk.gz", "mpk.gz", "model.mpk.mpk.gz"
        "model.mpk", "mpk.gz", "model.mpk.gz"
        ".hidden", "mpk", ".hidden.mpk"
        "dir/", "mpk", "dir.mpk"
        "a.b/model", "mpk", "a.b/model.mpk"
        "a.b/c.d", "bin", "a.b/c.bin"
    ]

let tests =
    testList
        "FilePath"
        [
            for path, extension, expected in ours do
                testCase $"'{path}' with {extension} is '{expected}'" (fun () ->
                    Expect.equal (ok (FilePath.withExtension extension path)) expected "our rule")

            for path, extension, expected in burns do
                testCase $"Burn's '{path}' with {extension} is '{expected}'" (fun () ->
                    Expect.equal (ok (FilePath.asBurn extension path)) expected "Burn's rule")

            for path in [ ""; "dir/"; ".."; "."; "dir/.."; "a/b/" ] do
                testCase $"'{path}' names no file" (fun () -> FilePath.withExtension "mpk" path |> error |> ignore)

            for path in [ ""; "/"; ".."; "dir/.."; "." ] do
                testCase $"'{path}' names no file for Burn's rule either" (fun () ->
                    FilePath.asBurn "mpk" path |> error |> ignore)

            testCase "two checkpoints are two files" (fun () ->
                Expect.notEqual
                    (ok (FilePath.withExtension "mpk" "ckpt-0.5"))
                    (ok (FilePath.withExtension "mpk" "ckpt-0.6"))
                    "the number stays")
        ]
