/// The example that reads digits, as a person runs it.
module Records.Tests.Cli.MnistExampleTests

open System.IO
open Expecto
open Records.Tests

let private run = Tool.runProgram "Mnist.dll"

let private fixtures = Path.Combine(House.root, "..", "shared", "fixtures")

let tests =
    testList
        "examples/Mnist"
        [
            test "without arguments it says where files are found" {
                let outcome = run []
                Expect.equal (outcome.Code, outcome.Errors) (0, "") "a hint is no error"
                Expect.stringContains outcome.Output "mnist-inference-web/model.bin" "the model"
                Expect.stringContains outcome.Output "785 bytes a digit" "the digits"
            }

            test "a file that is not there is one line and exit code 1" {
                let outcome = run [ "nowhere.bin"; "nowhere" ]
                Expect.equal (outcome.Code, outcome.Output) (1, "") "an error"
                Expect.stringContains outcome.Errors "nowhere" "which file"
            }

            test "Burn's older model reads the thousand digits" {
                let model = Path.Combine(fixtures, "burn-records", "mnist-web__2024-08-15__4e552ca67.bin")

                if not (File.Exists model) then
                    skiptest "../shared/fixtures is not there"

                let outcome = run [ model; Path.Combine(fixtures, "mnist-digits-1000.bin"); "1" ]
                Expect.equal (outcome.Code, outcome.Errors) (0, "") "no error"
                Expect.stringContains outcome.Output "996 of 1000 right: 99.60 %" "as in Burn"
                Expect.stringContains outcome.Output "read as 1, labelled 1" "the first digit"
                Expect.stringContains outcome.Output "█" "and its picture"
            }
        ]
