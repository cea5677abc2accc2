// Trains a small classifier, saves it with every recorder, loads each file back, and loads a model embedded in this very program.
//   dotnet run --project examples/Quickstart              into a folder of the system's temporary files
//   dotnet run --project examples/Quickstart -- FOLDER    into that folder
//   dotnet run --project examples/Quickstart -- --embed   remakes spirals.bin, the model that is embedded
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Quickstart;
using Records;
using Spectre.Console;

const string Resource = "spirals.bin";
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Device device = Device.Cpu.Seeded(42);
Spirals training = Spirals.Draw(300, seed: 1), unseen = Spirals.Draw(1000, seed: 2);

// ---- a model, trained here and now
Classifier model = Classifier.Init(device);
AnsiConsole.MarkupLine("[bold]A model[/]");
AnsiConsole.WriteLine(model.ToString());
AnsiConsole.WriteLine();
var watch = Stopwatch.StartNew();
model = Training.Train(model, training, epochs: 200, (epoch, loss) =>
{
    if (epoch is 1 || epoch % 100 == 0)
        AnsiConsole.WriteLine($"epoch {epoch,3}   loss {loss:0.0000}");
});
double accuracy = model.Accuracy(unseen);
AnsiConsole.MarkupLine($"trained in {watch.Elapsed.TotalSeconds:0.0} s; it knows [green]{accuracy:P2}[/] of 3000 points it has never seen");
AnsiConsole.WriteLine();

if (args is ["--embed"])
{
    string source = Path.Combine(ProjectFolder(), Resource);
    model.SaveFile(source, new BinFileRecorder<FullPrecisionSettings>());
    AnsiConsole.MarkupLine($"[bold]{source.EscapeMarkup()}[/] is remade; the next build embeds it");
    return 0;
}

// ---- every recorder: saved, loaded back into a fresh model, asked again
string folder = args is [var chosen] ? chosen : Path.Combine(Path.GetTempPath(), "records-quickstart");
FileRecorder[] recorders =
[
    new NamedMpkFileRecorder<FullPrecisionSettings>(),
    new NamedMpkFileRecorder<HalfPrecisionSettings>(),
    new NamedMpkFileRecorder<DoublePrecisionSettings>(),
    new NamedMpkGzFileRecorder<FullPrecisionSettings>(),
    new BinFileRecorder<FullPrecisionSettings>(),
    new BinGzFileRecorder<HalfPrecisionSettings>(),
    new PrettyJsonFileRecorder<FullPrecisionSettings>(),
    new JsonGzFileRecorder<FullPrecisionSettings>(),
];

var table = new Table().Border(TableBorder.Rounded).Title("saved and loaded back");
table.AddColumns("recorder", "precision", "file");
foreach (string heading in (string[])["bytes", "save ms", "load ms", "accuracy"])
    table.AddColumn(new TableColumn(heading).RightAligned());

bool same = true;
foreach (FileRecorder recorder in recorders)
{
    string name = recorder.Precision.ToString().ToLowerInvariant();
    string file = Path.Combine(folder, $"{name}.{recorder.Extension}");

    // Once to warm up: the first use of a format is compiled on the way.
    Save();
    _ = Load();
    double save = Timed(Save), load = Timed(() => _ = Load());
    double loaded = Load().Accuracy(unseen);
    same &= loaded == accuracy;
    string kind = recorder.GetType().Name.Split('`')[0].Replace("FileRecorder", "");
    table.AddRow(kind, $"{recorder.Precision}", Path.GetFileName(file), $"{new FileInfo(file).Length:N0}", $"{save:0.0}", $"{load:0.0}", $"{loaded:P2}");

    void Save() => model.SaveFile(Path.Combine(folder, name), recorder);
    Classifier Load() => Classifier.Init(device).LoadFile(Path.Combine(folder, name), recorder, device);
}

// ---- no storage, no problem: the model inside this program, read from the resource straight into its tensors
ClassifierRecord record = null!;
long bytes = 0;
double embedding = Timed(() =>
{
    using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
    record = new BinBytesRecorder<FullPrecisionSettings>().Load<ClassifierRecord>(resource, device);
    bytes = resource.Length;
});
Classifier embedded = Classifier.Init(device).LoadRecord(record);
table.AddEmptyRow();
table.AddRow("BinBytes", "Full", "in the program", $"{bytes:N0}", "", $"{embedding:0.0}", $"{embedded.Accuracy(unseen):P2}");
AnsiConsole.Write(table);

AnsiConsole.WriteLine(same
    ? "Every file gives the same accuracy, to the last digit."
    : "Some file gives another accuracy: half precision rounds, and a point near the border may change sides.");
AnsiConsole.WriteLine($"The files are in {folder}");
return 0;

static double Timed(Action work)
{
    long start = Stopwatch.GetTimestamp();
    work();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

static string ProjectFolder([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
