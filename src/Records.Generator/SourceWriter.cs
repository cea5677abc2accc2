using System.Text;

namespace Records.Generator;

/// <summary>Lines of source, indented.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder text = new();
    private int level;

    public void Line(string line = "")
    {
        if (line.Length > 0)
            text.Append(' ', 4 * level).Append(line);
        text.Append('\n');
    }

    public void Open(string header)
    {
        Line(header);
        Line("{");
        level++;
    }

    public void Close(string end = "}")
    {
        level--;
        Line(end);
    }

    public void Indent() => level++;

    public void Outdent() => level--;

    public override string ToString() => text.ToString();
}
