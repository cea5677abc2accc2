using System.Linq;
using Microsoft.CodeAnalysis.CSharp;

namespace Records.Generator;

/// <summary>Turns a model into source. Decides nothing.</summary>
internal sealed class Emitter
{
    private readonly ModuleModel module;
    private readonly SourceWriter source = new();

    private Emitter(ModuleModel module) => this.module = module;

    public static string Emit(ModuleModel module)
    {
        var emitter = new Emitter(module);
        emitter.File();
        return emitter.source.ToString();
    }

    private string Contract => $"global::Records.IModule<{module.FullName}, {module.FullRecordName}>";

    private void File()
    {
        source.Begin(module.Namespace, module.Containers);
        source.Open($"partial {(module.IsRecord ? "record" : "class")} {Id(module.Name)} : {Contract}");
        if (module.IsEnum)
            EnumModule();
        else
            StructModule();
        Printing();
        source.Close();
        source.Line();
        if (module.IsEnum)
            new RecordEmitter(module, source).Enum();
        else
            new RecordEmitter(module, source).Struct();
        source.End();
    }

    private void StructModule()
    {
        source.Open($"{module.FullRecordName} {Contract}.ToRecord()");
        source.Line("return new(");
        source.Indent();
        for (int index = 0; index < module.Fields.Count; index++)
        {
            string end = index == module.Fields.Count - 1 ? "" : ",";
            source.Line($"{ShapeText.ToRecord(module.Fields[index].Shape, "this." + Id(module.Fields[index].Property), $"x{index}")}{end}");
        }

        source.Outdent();
        source.Line(");");
        source.Close();
        source.Line();

        source.Open($"{module.FullName} {Contract}.Apply({module.FullRecordName} record, global::Records.LoadContext context)");
        var held = module.Fields.Where(field => !field.Shape.IsConstant).ToList();
        for (int index = 0; index < held.Count; index++)
        {
            string property = Id(held[index].Property);
            source.Line($"var x{index} = context.{(held[index].HasDefault ? "FieldOrKept" : "Field")}({Text(held[index].Name)}, this.{property}, record.{property}, static (c, m, r) => {ShapeText.Apply(held[index].Shape)});");
        }

        string initialised = string.Join(", ", held.Select((field, index) => (field, index))
            .Where(pair => pair.field.BackingField is null)
            .Select(pair => $"{Id(pair.field.Property)} = x{pair.index}"));
        if (held.Count == 0)
            source.Line("return this;");
        else
            source.Line(module.IsRecord ? $"var loaded = this with {{ {initialised} }};" : $"var loaded = ({module.FullName})this.MemberwiseClone();");
        for (int index = 0; index < held.Count; index++)
        {
            if (held[index].BackingField is not null)
                source.Line($"Stored{index}(loaded) = x{index};");
        }

        if (held.Count > 0)
            source.Line("return loaded;");
        // Local functions, so that no name of the user's is taken.
        for (int index = 0; index < held.Count; index++)
        {
            if (held[index].BackingField is not { } stored)
                continue;
            source.Line();
            source.Line($"[global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = {Text(stored)})]");
            source.Line($"static extern ref {held[index].Type} Stored{index}({module.FullName} module);");
        }

        source.Close();
        source.Line();
    }

    private void EnumModule()
    {
        source.Open($"{module.FullRecordName} {Contract}.ToRecord()");
        source.Open("return this switch");
        foreach (var item in module.Cases)
            source.Line($"{Case(item)} m => new {RecordCase(item)}({ShapeText.ToRecord(item.Field.Shape, "m." + Id(item.Field.Property), "x")}),");
        source.Line("_ => throw new global::System.Diagnostics.UnreachableException(),");
        source.Close("};");
        source.Close();
        source.Line();

        source.Open($"{module.FullName} {Contract}.Apply({module.FullRecordName} record, global::Records.LoadContext context)");
        source.Open("return (this, record) switch");
        foreach (var item in module.Cases)
        {
            string property = Id(item.Field.Property);
            source.Line(item.Field.Shape.IsConstant
                ? $"({Case(item)}, {RecordCase(item)}) => this,"
                : $"({Case(item)} m0, {RecordCase(item)} r0) => m0 with {{ {property} = context.Field({Text(item.Name)}, m0.{property}, r0.{property}, static (c, m, r) => {ShapeText.Apply(item.Field.Shape)}) }},");
        }

        source.Line("_ => context.OtherCase(this, NameOf(this), NameOfRecord(record)),");
        source.Close("};");
        source.Line();
        Names(module.FullName, Case);
        source.Line();
        Names(module.FullRecordName, RecordCase);
        source.Close();
        source.Line();

        void Names(string type, System.Func<CaseModel, string> name)
        {
            source.Open($"static string NameOf{(type == module.FullName ? "" : "Record")}({type} item) => item switch");
            foreach (var item in module.Cases)
                source.Line($"{name(item)} => {Text(item.Name)},");
            source.Line("_ => throw new global::System.Diagnostics.UnreachableException(),");
            source.Close("};");
        }
    }

    private void Printing()
    {
        if (module.Describe is not UserDescribe.Interface)
        {
            source.Open("void global::Records.IModule.Describe(global::Records.ModuleDisplay display)");
            if (module.Describe is UserDescribe.Method)
                source.Line($"this.Describe(display.Begin({Text(module.Name)}, this));");
            else if (module.IsEnum)
                DescribeCases();
            else
                DescribeFields();
            source.Close();
        }

        if (!module.WritesToString)
            return;
        source.Line();
        source.Line("/// <summary>The tree, as Burn's Display prints it. No parameter is drawn.</summary>");
        source.Line($"public {(module.IsEnum ? "sealed " : "")}override string ToString() => global::Records.ModuleDisplay.Print(this);");
    }

    private void DescribeFields()
    {
        source.Line($"display.Begin({Text(module.Name)}, this);");
        foreach (var field in module.Fields)
            source.Line($"display.Field({Text(field.Name)}, this.{Id(field.Property)}, static (d, v) => {ShapeText.Print(field.Shape)});");
    }

    private void DescribeCases()
    {
        source.Open("switch (this)");
        foreach (var item in module.Cases)
        {
            source.Line($"case {Case(item)} m:");
            source.Indent();
            source.Line($"display.Begin({Text(item.Name)}, this).Field(\"_0\", m.{Id(item.Field.Property)}, static (d, v) => {ShapeText.Print(item.Field.Shape)});");
            source.Line("break;");
            source.Outdent();
        }

        source.Close();
    }

    private string Case(CaseModel item) => $"{module.FullName}.{Id(item.Case)}";

    private string RecordCase(CaseModel item) => $"{module.FullRecordName}.{Id(item.Case)}";

    internal static string Text(string value) => SymbolDisplay.FormatLiteral(value, quote: true);

    internal static string Id(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : name;
}
