using System.Linq;

namespace Records.Generator;

/// <summary>The record type of a module as source.</summary>
internal sealed class RecordEmitter(ModuleModel module, SourceWriter source)
{
    private const string Schema = "global::Records.RecordSchema";
    private const string Reader = "global::Records.RecordReader";
    private const string Writer = "global::Records.RecordWriter";

    private string Name => Emitter.Id(module.RecordName);

    private string Contract => $"global::Records.IRecord<{module.FullRecordName}>";

    public void Struct()
    {
        source.Line($"/// <summary>What <see cref=\"{Emitter.Id(module.Name)}\"/> records. A null is what a file lacks, or has a nil for.</summary>");
        foreach (var field in module.Fields)
            source.Line($"/// <param name=\"{field.Property}\">The field {Xml(field.Name)}.</param>");
        source.Line($"{module.Accessibility} sealed record {Name}(");
        source.Indent();
        for (int index = 0; index < module.Fields.Count; index++)
        {
            string end = index == module.Fields.Count - 1 ? "" : ",";
            source.Line($"{ShapeText.RecordType(module.Fields[index].Shape)} {Emitter.Id(module.Fields[index].Property)}{end}");
        }

        source.Outdent();
        source.Open($") : {Contract}");
        Layout();
        Versions();

        source.Open($"static {module.FullRecordName} {Contract}.Read({Reader} reader)");
        source.Line("reader = reader.AsStruct();");
        source.Line("return new(");
        source.Indent();
        for (int index = 0; index < module.Fields.Count; index++)
        {
            string end = index == module.Fields.Count - 1 ? "" : ",";
            source.Line($"reader.Field({Emitter.Text(module.Fields[index].Name)}, static r => {ShapeText.Read(module.Fields[index].Shape)}{Former(module.Fields[index])}){end}");
        }

        source.Outdent();
        source.Line(");");
        source.Close();
        source.Line();

        source.Open($"void {Contract}.Write({Writer} writer)");
        foreach (var field in module.Fields)
            source.Line($"writer.Field({Emitter.Text(field.Name)}, this.{Emitter.Id(field.Property)}, static (w, v) => {ShapeText.Write(field.Shape)});");
        source.Close();
        source.Close();
    }

    public void Enum()
    {
        source.Line($"/// <summary>What <see cref=\"{Emitter.Id(module.Name)}\"/> records: one of its cases.</summary>");
        source.Open($"{module.Accessibility} abstract record {Name} : {Contract}");
        source.Line($"private {Name}() {{ }}");
        source.Line();
        foreach (var item in module.Cases)
        {
            source.Line($"/// <summary>The variant {Xml(item.Name)}.</summary>");
            source.Line($"/// <param name=\"{item.Field.Property}\">What it holds.</param>");
            source.Line($"public sealed record {Emitter.Id(item.Case)}({ShapeText.RecordType(item.Field.Shape)} {Emitter.Id(item.Field.Property)}) : {module.FullRecordName};");
            source.Line();
        }

        Layout();
        Versions();

        source.Open($"static {module.FullRecordName} {Contract}.Read({Reader} reader)");
        source.Line("string? found = reader.Case(out var payload);");
        source.Open("return found switch");
        foreach (var item in module.Cases)
            source.Line($"{Emitter.Text(item.Name)} => new {RecordCase(item)}({Payload(item)}),");
        source.Line($"_ => reader.OtherCase<{module.FullRecordName}>(found, {string.Join(", ", module.Cases.Select(item => Emitter.Text(item.Name)))})!,");
        source.Close("};");
        source.Close();
        source.Line();

        source.Open($"void {Contract}.Write({Writer} writer)");
        source.Open("switch (this)");
        for (int index = 0; index < module.Cases.Count; index++)
        {
            var item = module.Cases[index];
            source.Line($"case {RecordCase(item)} x:");
            source.Indent();
            source.Line($"writer.Case({index}, {Emitter.Text(item.Name)}, x.{Emitter.Id(item.Field.Property)}, static (w, v) => {ShapeText.Write(item.Field.Shape)});");
            source.Line("break;");
            source.Outdent();
        }

        source.Close();
        source.Close();
        source.Close();
    }

    /// <summary>The former names of a field, as arguments after others.</summary>
    public static string Former(FieldModel field) => string.Concat(field.Former.Select(name => ", " + Emitter.Text(name)));

    /// <summary>The versions, where there has been more than one.</summary>
    public void Versions()
    {
        if (module.Versions is not { } versions)
            return;
        source.Line($"static global::Records.RecordVersions {Contract}.Versions {{ get; }} = global::Records.RecordVersions.Of({Emitter.Text(module.Name)}, {versions.Number})");
        source.Indent();
        for (int index = 0; index < versions.Migrations.Count; index++)
        {
            var way = versions.Migrations[index];
            string step = way.Old is { } old
                ? $".From<{old}, {module.FullRecordName}>({way.Method})"
                : $".FromTree({way.From}, {way.Schema}, {way.Method})";
            source.Line(step + (index == versions.Migrations.Count - 1 ? ";" : ""));
        }

        source.Outdent();
        source.Line();
    }

    private static string Payload(CaseModel item) => $"payload.Read(static r => {ShapeText.Read(item.Field.Shape)})";

    /// <summary>The schema.</summary>
    public void Layout()
    {
        string kind = module.IsEnum ? "Enum" : "Struct";
        var members = module.IsEnum
            ? module.Cases.Select(item => (item.Name, item.Field)).ToArray()
            : module.Fields.Select(field => (field.Name, Field: field)).ToArray();
        source.Line("/// <summary>What the record looks like in a file.</summary>");
        source.Line($"public static {Schema} Schema {{ get; }} = {(module.HasLayouts ? module.FullName + ".Layouts(" : "")}{Schema}.{kind}(");
        source.Indent();
        for (int index = 0; index < members.Length; index++)
        {
            string end = index == members.Length - 1 ? "" : ",";
            source.Line($"({Emitter.Text(members[index].Name)}, {MemberSchema(members[index].Field)}){end}");
        }

        source.Outdent();
        source.Line(module.HasLayouts ? "));" : ");");
        source.Line();
    }

    private string MemberSchema(FieldModel field)
    {
        string schema = module.StoresValues ? ValueText.Schema(field.Shape) : ShapeText.Schema(field.Shape);
        return field.Former.Count == 0 ? schema : $"{Schema}.Renamed({schema}{Former(field)})";
    }

    private string RecordCase(CaseModel item) => $"{module.FullRecordName}.{Emitter.Id(item.Case)}";

    private static string Xml(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;");
}
