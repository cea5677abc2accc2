module Records.Tests.House

open System
open System.Diagnostics
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open System.Xml.Linq
open Expecto
open PublicApiGenerator

/// The folder that holds Records.sln.
let root =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> failwith "The tests run outside the repository."
        | folder when File.Exists(Path.Combine(folder.FullName, "Records.sln")) -> folder.FullName
        | folder -> up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private core = typeof<Records.Core.Record>.Assembly
let private face = typeof<Records.Tensor>.Assembly

/// Compares with a committed file, or rewrites it when RECORDS_UPDATE_GOLDEN is set.
let private golden name (actual: string) =
    let path = Path.Combine(root, "tests", "golden", name)

    if Environment.GetEnvironmentVariable "RECORDS_UPDATE_GOLDEN" = "1" then
        File.WriteAllText(path, actual)

    Expect.equal
        actual
        (File.ReadAllText path)
        $"the public surface is tests/golden/{name}; RECORDS_UPDATE_GOLDEN=1 rewrites it"

let private surface (assembly: Assembly) =
    let options =
        ApiGeneratorOptions(
            IncludeAssemblyAttributes = false,
            // what the F# compiler adds for itself
            ExcludeAttributes =
                [|
                    "Microsoft.FSharp.Core.CompilationMappingAttribute"
                    "Microsoft.FSharp.Core.CompilationArgumentCountsAttribute"
                    "System.Diagnostics.CodeAnalysis.DynamicDependencyAttribute"
                    "System.SerializableAttribute"
                |]
        )

    assembly.GeneratePublicApi(options).ReplaceLineEndings "\n" + "\n"

// ---- documentation

let private documented (assembly: Assembly) =
    let path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml")

    set
        [
            for entry in XDocument.Load(path).Descendants(XName.Get "member") do
                let name = entry.Attribute(XName.Get "name") |> Option.ofObj

                if not (String.IsNullOrWhiteSpace entry.Value) then
                    match name with
                    // parameters do not matter: an overload is as well documented as its sibling
                    | Some name -> Regex.Replace(name.Value, @"(``\d+)?(\(.*)?$", "")
                    | None -> ()
        ]

/// Types and the functions of modules. Fields and cases may stand for themselves, since the type says what they are.
let private members (assembly: Assembly) =
    [
        for kind in assembly.GetExportedTypes() do
            let name = (string kind.FullName).Replace('+', '.')
            let generated = kind.DeclaringType <> null && not (kind.IsAbstract && kind.IsSealed)
            let isModule = kind.IsAbstract && kind.IsSealed

            // The module of a type is documented by its type.
            if
                not generated
                && not (isModule && name.EndsWith "Module")
                && not (name.EndsWith ".Tags")
            then
                $"T:{name}"

            if isModule then
                for method in kind.GetMethods(BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly) do
                    let source =
                        match method.GetCustomAttribute<CompilationSourceNameAttribute>() with
                        | null -> method.Name
                        | renamed -> renamed.SourceName

                    if source.StartsWith '<' then
                        () // the compiler's own
                    elif method.IsSpecialName then
                        $"""P:{name}.{source.Replace("get_", "")}"""
                    else
                        $"M:{name}.{source}"
    ]

// ---- arrows: what each room may name

let private sources room =
    Directory.GetFiles(Path.Combine(root, "src", "Records.Core", room), "*.fs")
    |> Array.sort
    |> Array.map (fun path -> Path.GetFileName path, File.ReadAllText path)

let private code (text: string) =
    // comments and texts may name anything
    Regex.Replace(Regex.Replace(text, @"//.*", ""), "\"[^\"\n]*\"", "\"\"")

let private names room pattern =
    [
        for file, text in sources room do
            for found in Regex.Matches(code text, pattern) do
                $"{room}/{file}: {found.Value}"
    ]

let private rooms = [ "Tensor"; "Tree"; "Format"; "Io"; "Nn"; "Tools" ]

let private modulesOf room =
    String.Join("|", sources room |> Array.map (fst >> Path.GetFileNameWithoutExtension))

let tests =
    testList
        "House"
        [
            test "the core shows what tests/golden/surface-core.txt says" { golden "surface-core.txt" (surface core) }

            test "the C# face shows what tests/golden/surface-csharp.txt says" {
                golden "surface-csharp.txt" (surface face)
            }

            test "no public signature of the C# face shows F#" {
                let found = Regex.Matches(surface face, @"Microsoft\.FSharp[\w.]*|Records\.Core[\w.]*")
                Expect.isEmpty [ for name in found -> name.Value ] "C# users see C#"
            }

            // For the C# face the compiler asks for it: CS1591 is an error.
            test "every type and function of the core is documented" {
                let known = documented core
                let missing = members core |> List.filter (known.Contains >> not)
                Expect.equal missing [] "each has a line that says what it gives"
            }

            test "Tensor, Tree and Format see no disk, clock, randomness or environment" {
                let impure =
                    @"\b(File|Directory|FileStream|FileInfo|RandomAccess|DateTime|DateTimeOffset|Stopwatch|Environment|Random|RandomNumberGenerator|Console|Process|HttpClient|Socket)\.|Guid\.NewGuid|System\.Net"

                Expect.isEmpty
                    (List.collect (fun room -> names room impure) [ "Tensor"; "Tree"; "Format" ])
                    "pure rooms"
            }

            test "Io names no format and no layer: they meet in Recorder.fs" {
                let others = @"\b(" + modulesOf "Format" + "|" + modulesOf "Nn" + @")\."
                Expect.isEmpty (names "Io" others) "Io knows bytes alone"
            }

            test "Tools are finished uses: no other room names them" {
                let others = List.filter ((<>) "Tools") rooms
                let tools = @"\b(" + modulesOf "Tools" + @")\."
                Expect.isEmpty (List.collect (fun room -> names room tools) others) "nothing stands on a tool"
            }

            test "formats name no place" {
                let places = @"\b(FilePath|Folder|Mapped|Memory\.(source|ofStream|place))\b"
                Expect.isEmpty (names "Format" places) "formats know bytes alone"
            }

            test "MathNet stands in Nn/Blas.fs alone, MessagePack in Format/MsgPack.fs and its writer alone" {
                let found =
                    List.collect (fun room -> names room @"\bMathNet\b|\bopen MessagePack\b") rooms
                    |> List.distinct

                let expected =
                    [
                        "Format/MsgPack.fs: open MessagePack"
                        "Format/MsgPackWriter.fs: open MessagePack"
                        "Nn/Blas.fs: MathNet"
                    ]

                Expect.equal found expected "nowhere else"
            }

            test "Records.Core.fs loads alone, with nothing but FSharp.Core" {
                let script = Path.Combine(Path.GetTempPath(), $"records-{Guid.NewGuid()}.fsx")
                let page = Path.Combine(root, "src", "Records.Core.fs")

                File.WriteAllText(
                    script,
                    $"#load @\"{page}\"\nprintf \"%%s\" (Records.Core.Dtype.name Records.Core.Dtype.F32)"
                )

                try
                    let start = ProcessStartInfo("dotnet", [ "fsi"; "--quiet"; "--warnaserror+"; script ])
                    start.RedirectStandardOutput <- true
                    start.RedirectStandardError <- true

                    match Process.Start start with
                    | null -> failtest "dotnet fsi does not start"
                    | fsi ->
                        use fsi = fsi
                        let errors = fsi.StandardError.ReadToEndAsync()
                        let output = fsi.StandardOutput.ReadToEnd()
                        fsi.WaitForExit()
                        Expect.equal (output.Trim(), errors.Result.Trim()) ("F32", "") "it loads without a word"
                finally
                    File.Delete script
            }
        ]
