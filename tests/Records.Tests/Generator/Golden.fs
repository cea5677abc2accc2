/// Texts kept beside the tests and compared exactly.
module Records.Tests.Generator.Golden

open System
open System.IO
open Expecto

let private folder = Path.Combine(Records.Tests.Repository.root, "tests", "golden", "generator")

/// The text is what the file holds. RECORDS_UPDATE_GOLDEN=1 writes the file instead.
let matches (name: string) (actual: string) =
    let path = Path.Combine(folder, name.Replace(' ', '-') + ".txt")

    if Environment.GetEnvironmentVariable "RECORDS_UPDATE_GOLDEN" = "1" then
        File.WriteAllText(path, actual)

    Expect.isTrue (File.Exists path) $"{path} is missing: run with RECORDS_UPDATE_GOLDEN=1"
    Expect.equal actual (File.ReadAllText path) $"{path} differs: run with RECORDS_UPDATE_GOLDEN=1 and read the change"
