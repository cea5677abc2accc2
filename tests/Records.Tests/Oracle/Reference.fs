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

/// Runs it; gives its exit code, what it says and what it says on standard error. Skips the test where there is no such program.
let private answer arguments =
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
        let said = reference.StandardOutput.ReadToEnd()
        reference.WaitForExit()
        reference.ExitCode, said, errors.Result

/// Runs it; gives its exit code and what it says on standard error.
let start arguments =
    let code, _, errors = answer arguments
    code, errors

/// Runs it, expects success, and gives what it says.
let say arguments =
    match answer arguments with
    | 0, said, _ -> said
    | code, _, errors -> failtest $"The reference ended with {code}: {errors}"

/// Runs it and expects success.
let run arguments = say arguments |> ignore

/// Skips the test where there is no such program.
let demand () =
    if program.IsNone then
        skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"
