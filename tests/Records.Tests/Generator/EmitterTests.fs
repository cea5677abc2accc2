module Records.Tests.Generator.EmitterTests

open Expecto

let tests =
    testList
        "Emitter"
        [
            for name, source in Sources.all do
                testCase $"{name} is written as ever" (fun () -> Golden.matches name (Compile.generated source))

                testCase $"{name} compiles without a warning" (fun () -> Expect.equal (Compile.compiled source) [] "")
        ]
