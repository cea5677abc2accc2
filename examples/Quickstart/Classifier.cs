using Records;

namespace Quickstart;

/// <summary>Two numbers in, three classes out. All that makes it a module is the attribute.</summary>
[Module]
public sealed partial record Classifier(Linear Hidden, Linear Output, Relu Activation)
{
    public static Classifier Init(Device device) =>
        new(Linear.Init(2, 48, device), Linear.Init(48, Spirals.Classes, device), new Relu());

    /// <summary>[batch, 2] to [batch, 3].</summary>
    public Tensor Forward(Tensor points) => Output.Forward(Activation.Forward(Hidden.Forward(points)));

    /// <summary>How many of the points get their own class.</summary>
    public double Accuracy(Spirals data)
    {
        int[] guesses = Forward(data.Points).ArgMax();
        return guesses.Zip(data.Labels).Count(pair => pair.First == pair.Second) / (double)guesses.Length;
    }
}
