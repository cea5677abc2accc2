using Records;

namespace Quickstart;

/// <summary>Points on three arms of a spiral, each arm a class: not to be told apart by straight lines.</summary>
public sealed record Spirals(Tensor Points, int[] Labels)
{
    public const int Classes = 3;

    /// <summary>So many points of each class, always the same ones for the same seed.</summary>
    public static Spirals Draw(int perClass, int seed)
    {
        var random = new Random(seed);
        var points = new float[perClass * Classes, 2];
        var labels = new int[perClass * Classes];
        for (int index = 0; index < labels.Length; index++)
        {
            int label = index % Classes;
            double along = 0.15 + 0.85 * random.NextDouble();
            double angle = label * 2 * Math.PI / Classes + 4 * along + 1.6 * (random.NextDouble() - 0.5);
            points[index, 0] = (float)(along * Math.Cos(angle));
            points[index, 1] = (float)(along * Math.Sin(angle));
            labels[index] = label;
        }

        return new(Tensor.Of(points), labels);
    }
}
