namespace Records;

/// <summary>Where tensors live.</summary>
public sealed class Device
{
    private Device() { }

    /// <summary>The processor, and ordinary memory.</summary>
    public static Device Cpu { get; } = new();
}
