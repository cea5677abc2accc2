using System.Collections.Generic;
using System.Linq;

namespace Records.Generator;

/// <summary>The second half of a [Record] as source: it is its own record. Decides nothing.</summary>
internal sealed class ValueEmitter
{
    private const string Reader = "global::Records.RecordReader";
    private const string Writer = "global::Records.RecordWriter";

    private readonly ModuleModel model;
    private readonly SourceWriter source = new();

    private ValueEmitter(ModuleModel model) => this.model = model;

    public static string Emit(ModuleModel model)
    {
        var emitter = new ValueEmitter(model);
        emitter.File();
        return emitter.source.ToString();
    }

    private string Contract => $"global::Records.IRecord<{model.FullName}>";

    private void File()
    {
        source.Begin(model.Namespace, model.Containers);
        source.Open($"partial {(model.IsRecord ? "record" : "class")} {Emitter.Id(model.Name)} : {Contract}");
        new RecordEmitter(model, source).Layout();
        new RecordEmitter(model, source).Versions();
        if (model.IsEnum)
            Enum();
        else
            Struct();
        source.Close();
        source.End();
    }

    private void Struct()
    {
        source.Open($"static {model.FullName} {Contract}.Read({Reader} reader)");
        source.Line("reader = reader.AsStruct();");
        for (int index = 0; index < model.Fields.Count; index++)
        {
            var field = model.Fields[index];
            string from = field.Fallback is null ? "Field" : "FieldOr";
            string otherwise = field.Fallback is null ? "" : ", " + field.Fallback;
            source.Line($"var x{index} = reader.{from}<{field.Shape.Type}>({Emitter.Text(field.Name)}, static r => {ValueText.Read(field.Shape)}{otherwise}{RecordEmitter.Former(field)});");
        }

        source.Line($"return reader.Failed ? null! : {Made(model.FullName, model.Making, model.Fields)};");
        source.Close();
        source.Line();

        source.Open($"void {Contract}.Write({Writer} writer)");
        foreach (var field in model.Fields)
            source.Line($"writer.Field<{field.Shape.Type}>({Emitter.Text(field.Name)}, this.{Emitter.Id(field.Property)}, static (w, v) => {ValueText.Write(field.Shape, "v")});");
        source.Close();
    }

    private void Enum()
    {
        source.Open($"static {model.FullName} {Contract}.Read({Reader} reader)");
        source.Line("string? found = reader.Case(out var payload);");
        source.Open("switch (found)");
        foreach (var item in model.Cases)
        {
            source.Line($"case {Emitter.Text(item.Name)}:");
            source.Indent();
            source.Open("");
            source.Line($"var x0 = payload.Read<{item.Field.Shape.Type}>(static r => {ValueText.Read(item.Field.Shape)});");
            source.Line($"return reader.Failed ? null! : {Made(Case(item), item.Making, [item.Field])};");
            source.Close();
            source.Outdent();
        }

        source.Line("default:");
        source.Indent();
        source.Line($"return reader.OtherCase<{model.FullName}>(found, {string.Join(", ", model.Cases.Select(item => Emitter.Text(item.Name)))})!;");
        source.Outdent();
        source.Close();
        source.Close();
        source.Line();

        source.Open($"void {Contract}.Write({Writer} writer)");
        source.Open("switch (this)");
        for (int index = 0; index < model.Cases.Count; index++)
        {
            var item = model.Cases[index];
            source.Line($"case {Case(item)} x:");
            source.Indent();
            source.Line($"writer.Case<{item.Field.Shape.Type}>({index}, {Emitter.Text(item.Name)}, x.{Emitter.Id(item.Field.Property)}, static (w, v) => {ValueText.Write(item.Field.Shape, "v")});");
            source.Line("break;");
            source.Outdent();
        }

        source.Close();
        source.Close();
    }

    private static string Made(string type, MakingModel making, IReadOnlyList<FieldModel> fields)
    {
        string Read(string property) => "x" + fields.Select((field, index) => (field, index)).First(pair => pair.field.Property == property).index;

        string arguments = string.Join(", ", making.Arguments.Select(argument => $"{Emitter.Id(argument.Parameter)}: {Read(argument.Property)}"));
        string initialised = string.Join(", ", making.Initialised.Select(property => $"{Emitter.Id(property)} = {Read(property)}"));
        return $"new {type}({arguments}){(initialised.Length > 0 ? $" {{ {initialised} }}" : "")}";
    }

    private string Case(CaseModel item) => $"{model.FullName}.{Emitter.Id(item.Case)}";
}
