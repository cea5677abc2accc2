using System.Security.Cryptography;

namespace Records;

/// <summary>Where tensors live and where their random numbers come from. This library has the CPU only.</summary>
public sealed class Device
{
    private readonly Core.SeedStream seeds;
    private readonly string name;

    private Device(Core.Seed seed, string name)
    {
        seeds = new Core.SeedStream(seed);
        this.name = name;
    }

    /// <summary>The CPU, with other random numbers in each process.</summary>
    public static Device Cpu { get; } =
        new(Core.Seed.NewSeed(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))), "Cpu");

    /// <summary>
    /// This device with random numbers of its own, which start over at the seed: the same calls of Init in the same
    /// order give the same ids and values, on every machine; values of a normal distribution up to their last bit.
    /// </summary>
    public Device Seeded(long seed) => new(Core.Seed.NewSeed(unchecked((ulong)seed)), $"Cpu seeded {seed}");

    /// <summary>The device's name.</summary>
    public override string ToString() => name;

    /// <summary>The next seed: one for each parameter, in the order of Init.</summary>
    internal Core.Seed NextSeed() => seeds.Next();

    /// <summary>A parameter id of its own.</summary>
    internal Core.ParamId NextId() => Core.ParamIdModule.ofUInt64(Core.SeedModule.bits(0, NextSeed()));
}
