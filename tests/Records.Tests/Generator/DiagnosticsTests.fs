module Records.Tests.Generator.DiagnosticsTests

open Expecto

let private uses =
    """
[Module] public sealed partial record Net(Param Weight)
{
    public static async Task Use(Net net, Net? maybe, NetRecord record)
    {
        BODY
        await Task.CompletedTask;
    }
}
"""

let private warns name body expected =
    testCase name (fun () ->
        let ids =
            Compile.analyzed (uses.Replace("BODY", body))
            |> List.map (fun (problem: string) -> problem[.. problem.IndexOf ' ' - 1])

        Expect.equal ids expected "")

let tests =
    testList
        "Diagnostics"
        [
            testCase "each rule says its sentence" (fun () ->
                let said =
                    [
                        for name, source in Sources.wrong do
                            yield $"# {name}"
                            yield source
                            yield! Compile.problems source
                            yield ""
                    ]

                Golden.matches "diagnostics" (String.concat "\n" said))

            for name, source in Sources.wrong do
                if name.StartsWith "REC" then
                    testCase $"{name} has its rule" (fun () ->
                        let problems = Compile.problems source
                        Expect.isNonEmpty problems "a problem is told"

                        for problem in problems do
                            Expect.equal problem[..5] name[..5] "and no other")

            testCase "a type the compiler does not know is left to the compiler" (fun () ->
                Expect.equal (Compile.problems "[Module] public sealed partial record Net(Nowhere Weight);") [] "")

            warns "a discarded LoadRecord is a warning" "net.LoadRecord(record);" [ "REC100" ]
            warns
                "a discarded LoadFile is a warning"
                "net.LoadFile(\"net\", new DefaultRecorder(), Device.Cpu);"
                [ "REC100" ]
            warns
                "so is one that is awaited"
                "await net.LoadFileAsync(\"net\", new DefaultRecorder(), Device.Cpu);"
                [ "REC100" ]
            warns "a discarded Map is a warning" "net.Map((path, id, tensor) => tensor);" [ "REC100" ]
            warns "a conditional call is one too" "maybe?.LoadRecord(record);" [ "REC100" ]
            warns
                "so is one in a lambda that gives nothing"
                "Action act = () => net.LoadRecord(record); act();"
                [ "REC100" ]
            warns "so is one in the library's static words" "ModuleExtensions.LoadRecord(net, record);" [ "REC100" ]
            warns "a result that is used is fine" "net = net.LoadRecord(record);" []
            warns "an explicit discard is fine" "_ = net.LoadRecord(record);" []
            warns "visiting gives nothing to discard" "net.Visit((path, id, tensor) => { });" []
            warns "a result that is given on is fine" "Func<Net> get = () => net.LoadRecord(record); net = get();" []
        ]
