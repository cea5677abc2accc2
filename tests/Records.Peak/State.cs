namespace Records.Peak;

/// <summary>What is saved and loaded: layers, all alike.</summary>
[Module]
public sealed partial record State(Linear[] Layers);

/// <summary>How large a state is.</summary>
internal sealed record Size(string Name, int Layers, int Width, int Height, bool Bias)
{
    private static readonly Size[] s_known =
    [
        // 12 MiB a weight, and a bias of 8 KiB: what is opened lazily needs something small to touch
        new("large", 8, 1536, 2048, true),
        // as text ten times as much
        new("text", 2, 1536, 2048, true),
        new("many", 20_000, 32, 32, false),
        new("small", 8_000, 16, 16, false),
    ];

    /// <summary>The one of this name.</summary>
    public static Size Of(string name) => s_known.Single(size => size.Name == name);

    /// <summary>A state of the same kind that is hardly there.</summary>
    public Size Tiny => this with { Name = "tiny", Layers = 4, Width = Math.Min(Width, 64), Height = Math.Min(Height, 64) };

    /// <summary>Bytes of its floats.</summary>
    public long Bytes => 4L * Layers * ((Width * Height) + (Bias ? Height : 0));

    /// <summary>Such a state. Its numbers are drawn when they are first asked for: random in nearly all their bits, so that nothing makes them much smaller.</summary>
    public State Make() => new([.. Enumerable.Range(0, Layers).Select(_ => Linear.Init(Width, Height, Device.Cpu, Bias))]);
}
