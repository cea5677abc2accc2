/// The reference of Burn's recorders: the program that RECORDS_ORACLE names.
module Records.Tests.Reference

open System
open System.Diagnostics
open Expecto

let private program =
    match Environment.GetEnvironmentVariable "RECORDS_ORACLE" with
    | null
    | "" -> None
    | path -> Some path

/// Runs it; gives its exit code and what it says on standard error. Skips the test where there is no such program.
let start arguments =
    match program with
    | None -> skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"
    | Some path ->
        let info = ProcessStartInfo(path, Seq.ofList arguments)
        info.RedirectStandardOutput <- true
        info.RedirectStandardError <- true

        use reference =
            match Process.Start info with
            | null -> failtest $"'{path}' did not start."
            | started -> started

        let errors = reference.StandardError.ReadToEndAsync()
        reference.StandardOutput.ReadToEnd() |> ignore
        reference.WaitForExit()
        reference.ExitCode, errors.Result

/// Runs it and expects success.
let run arguments =
    match start arguments with
    | 0, _ -> ()
    | code, errors -> failtest $"The reference ended with {code}: {errors}"

/// Skips the test where there is no such program.
let demand () =
    if program.IsNone then
        skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"
