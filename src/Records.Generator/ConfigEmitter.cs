using System.Collections.Generic;
using System.Linq;

namespace Records.Generator;

/// <summary>Turns a config into source. Decides nothing.</summary>
internal sealed class ConfigEmitter
{
    private const string Reader = "global::Records.ConfigReader";
    private const string Writer = "global::Records.ConfigWriter";
    private const string Files = "global::Records.ConfigFiles";
    private const string Token = "global::System.Threading.CancellationToken cancellationToken = default";

    private readonly ConfigModel config;
    private readonly SourceWriter source = new();

    private ConfigEmitter(ConfigModel config) => this.config = config;

    public static string Emit(ConfigModel config)
    {
        var emitter = new ConfigEmitter(config);
        emitter.File();
        return emitter.source.ToString();
    }

    private string Contract => $"global::Records.IConfig<{config.FullName}>";

    private void File()
    {
        source.Begin(config.Namespace, config.Containers);
        source.Open($"partial record {Emitter.Id(config.Name)} : {Contract}");
        foreach (var field in config.Fields.Where(field => field.WritesWith))
            With(field);
        Verbs();
        if (config.IsChoice)
            Choice();
        else
            Struct();
        source.Close();
        source.End();
    }

    private void With(ConfigFieldModel field)
    {
        string name = Emitter.Id(char.ToLowerInvariant(field.Property[0]) + field.Property.Substring(1));
        source.Line($"/// <summary>The same config with another <see cref=\"{Emitter.Id(field.Property)}\"/>.</summary>");
        source.Line($"/// <param name=\"{name.TrimStart('@')}\">What it becomes.</param>");
        source.Line($"public {config.FullName} With{field.Property}({field.Shape.Type} {name}) => this with {{ {Emitter.Id(field.Property)} = {name} }};");
        source.Line();
    }

    private void Verbs()
    {
        const string unwritable = "/// <exception cref=\"global::Records.RecordException\">A value cannot be written as JSON, each of them is listed, or the disk failed.</exception>";
        const string unreadable = "/// <exception cref=\"global::Records.RecordException\">There is no such file, it is no JSON, or not this config; everything that does not fit is listed.</exception>";
        Documented("Saves the config as Burn does. The file is the old one or the new one, whole.", "path", "The file, by its whole name: <c>config.json</c>.", unwritable);
        source.Line($"public void Save(string path) => {Files}.Save<{config.FullName}>(this, path);");
        source.Line();
        Documented("Saves the config on another thread. Cancelling leaves an older file as it was and no new one; folders made for it stay.", "path", "The file, by its whole name.", Cancellation("save"), unwritable);
        source.Line($"public global::System.Threading.Tasks.Task SaveAsync(string path, {Token}) => {Files}.SaveAsync<{config.FullName}>(this, path, cancellationToken);");
        source.Line();
        Documented("Loads a config. What the file lacks has its default, and names that are not known are passed over.", "path", "The file, by its whole name.", unreadable);
        source.Line($"public static {config.FullName} Load(string path) => {Files}.Load<{config.FullName}>(path);");
        source.Line();
        Documented("Loads a config from the bytes of its file.", "bytes", "The bytes.", unreadable.Replace("There is no such file, it is", "They are"));
        source.Line($"public static {config.FullName} Load(global::System.ReadOnlyMemory<byte> bytes) => {Files}.Load<{config.FullName}>(bytes);");
        source.Line();
        Documented("Loads a config on another thread.", "path", "The file, by its whole name.", Cancellation("load"), unreadable);
        source.Line($"public static global::System.Threading.Tasks.Task<{config.FullName}> LoadAsync(string path, {Token}) => {Files}.LoadAsync<{config.FullName}>(path, cancellationToken);");
        source.Line();
        source.Line("/// <summary>The text of the config's file.</summary>");
        source.Line(unwritable.Replace(", each of them is listed, or the disk failed", "; each of them is listed"));
        source.Line($"public string ToJson() => {Files}.ToJson<{config.FullName}>(this);");
        source.Line();
        if (!config.WritesToString)
            return;
        source.Line("/// <summary>The config as Burn prints it: its file.</summary>");
        source.Line($"public {(config.IsChoice ? "sealed " : "")}override string ToString() => {Files}.Print<{config.FullName}>(this);");
        source.Line();
    }

    private static string Cancellation(string what) => $"/// <param name=\"cancellationToken\">Stops the {what}.</param>";

    private void Documented(string summary, string parameter, string meaning, params string[] rest)
    {
        source.Line($"/// <summary>{summary}</summary>");
        source.Line($"/// <param name=\"{parameter}\">{meaning}</param>");
        foreach (string line in rest)
            source.Line(line);
    }

    private void Struct()
    {
        source.Open($"static {config.FullName} {Contract}.Read({Reader} reader)");
        source.Line("reader = reader.AsStruct();");
        Read("reader", config.FullName, config.InFile);
        source.Close();
        source.Line();
        source.Open($"void {Contract}.Write({Writer} writer)");
        foreach (var field in config.InFile)
            source.Line($"writer.Field({Emitter.Text(field.Name)}, this.{Emitter.Id(field.Property)}, static (w, v) => {ConfigText.Write(field.Shape)});");
        source.Close();
    }

    private void Choice()
    {
        source.Open($"static {config.FullName} {Contract}.Read({Reader} reader)");
        source.Line("string? found = reader.Case(out var payload);");
        source.Open("switch (found)");
        foreach (var item in config.Cases)
        {
            source.Open($"case {Emitter.Text(item.Name)}:");
            ReadCase(item);
            source.Close();
            source.Line();
        }

        source.Line("default:");
        source.Indent();
        source.Line($"return reader.OtherCase<{config.FullName}>(found, {string.Join(", ", config.Cases.Select(item => Emitter.Text(item.Name)))});");
        source.Outdent();
        source.Close();
        source.Close();
        source.Line();

        source.Open($"void {Contract}.Write({Writer} writer)");
        source.Open("switch (this)");
        foreach (var item in config.Cases)
        {
            source.Line($"case {CaseType(item)}{(item.Form is CaseForm.Unit ? "" : " x")}:");
            source.Indent();
            source.Line($"writer.Case({Emitter.Text(item.Name)}{WriteCase(item)});");
            source.Line("break;");
            source.Outdent();
        }

        source.Line("default:");
        source.Indent();
        source.Line("throw new global::System.Diagnostics.UnreachableException();");
        source.Outdent();
        source.Close();
        source.Close();
    }

    private void ReadCase(ConfigCaseModel item)
    {
        switch (item.Form)
        {
            case CaseForm.Unit:
                source.Line("payload.AsUnit();");
                source.Line($"return new {CaseType(item)}();");
                return;
            case CaseForm.Struct:
                source.Line("payload = payload.AsStruct();");
                Read("payload", CaseType(item), item.Fields.ToArray());
                return;
            case CaseForm.Tuple:
                source.Line($"if (payload.Tuple({item.Fields.Count}) is null)");
                source.Indent();
                source.Line("return null!;");
                source.Outdent();
                break;
        }

        for (int index = 0; index < item.Fields.Count; index++)
        {
            var shape = item.Fields[index].Shape;
            string read = item.Form is CaseForm.Single
                ? $"((global::System.Func<{Reader}, {shape.Type}>)(static r => {ConfigText.Read(shape)}))(payload)"
                : $"payload.Item<{shape.Type}>({index}, static r => {ConfigText.Read(shape)})";
            source.Line($"var x{index} = {read};");
        }

        string arguments = string.Join(", ", item.Fields.Select((field, index) => $"{Emitter.Id(field.Property)}: x{index}"));
        source.Line($"return payload.Failed ? null! : new {CaseType(item)}({arguments});");
    }

    private static string WriteCase(ConfigCaseModel item) => item.Form switch
    {
        CaseForm.Unit => "",
        CaseForm.Single => $", x.{Emitter.Id(item.Fields[0].Property)}, static (w, v) => {ConfigText.Write(item.Fields[0].Shape)}",
        CaseForm.Tuple => $", x, static (w, v) => w.Tuple(v, static (w, v) => {{ {Each(item, static field => $"w.Item(v.{Emitter.Id(field.Property)}, static (w, v) => {ConfigText.Write(field.Shape)});")} }})",
        _ => $", x, static (w, v) => w.Fields(v, static (w, v) => {{ {Each(item, static field => $"w.Field({Emitter.Text(field.Name)}, v.{Emitter.Id(field.Property)}, static (w, v) => {ConfigText.Write(field.Shape)});")} }})",
    };

    private static string Each(ConfigCaseModel item, System.Func<ConfigFieldModel, string> text) => string.Join(" ", item.Fields.Select(text));

    // The compiler fills in the defaults of whatever the constructor is not given; a copy takes what the file has instead.
    private void Read(string reader, string type, IReadOnlyList<ConfigFieldModel> fields)
    {
        for (int index = 0; index < fields.Count; index++)
        {
            var field = fields[index];
            string call = $"<{field.Shape.Type}>({Emitter.Text(field.Name)}, static r => {ConfigText.Read(field.Shape)}";
            source.Line(field.Group is ConfigGroup.Needed
                ? $"var x{index} = {reader}.Field{call});"
                : $"bool has{index} = {reader}.Has{call}, out var x{index});");
        }

        source.Line($"if ({reader}.Failed)");
        source.Indent();
        source.Line("return null!;");
        source.Outdent();
        var given = Enumerable.Range(0, fields.Count).ToLookup(index => fields[index].IsArgument ? "argument" : fields[index].IsRequired ? "required" : "copied");
        string arguments = string.Join(", ", given["argument"].Select(index => $"{Emitter.Id(fields[index].Property)}: x{index}"));
        string required = string.Join(", ", given["required"].Select(index => $"{Emitter.Id(fields[index].Property)} = x{index}"));
        string made = $"new {type}({arguments})" + (required.Length > 0 ? $" {{ {required} }}" : "");
        string copied = string.Join(", ", given["copied"].Select(index => $"{Emitter.Id(fields[index].Property)} = has{index} ? x{index} : made.{Emitter.Id(fields[index].Property)}"));
        if (copied.Length == 0)
        {
            source.Line($"return {made};");
            return;
        }

        source.Line($"var made = {made};");
        source.Line($"return made with {{ {copied} }};");
    }

    private string CaseType(ConfigCaseModel item) => $"{config.FullName}.{Emitter.Id(item.Case)}";
}
