using Records;

namespace Quickstart;

/// <summary>
/// Gradient descent by hand, for this one network: Records saves models, it does not train them. Adam over the whole data, with plain
/// loops over the arrays that the tensors give.
/// </summary>
public static class Training
{
    public static Classifier Train(Classifier model, Spirals data, int epochs, Action<int, double> report)
    {
        var hidden = new Layer(model.Hidden);
        var output = new Layer(model.Output);
        float[] points = data.Points.ToArray();
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            double loss = 0;
            for (int row = 0; row < data.Labels.Length; row++)
                loss += Learn(hidden, output, points.AsSpan(2 * row, 2), data.Labels[row]);
            hidden.Step(epoch, data.Labels.Length);
            output.Step(epoch, data.Labels.Length);
            report(epoch, loss / data.Labels.Length);
        }

        return model with { Hidden = hidden.Into(model.Hidden), Output = output.Into(model.Output) };
    }

    // One point forward and back: cross-entropy of the softmax, its gradient added to the layers'.
    private static double Learn(Layer hidden, Layer output, ReadOnlySpan<float> point, int label)
    {
        Span<float> inner = stackalloc float[hidden.Outputs];
        hidden.Forward(point, inner);
        for (int index = 0; index < inner.Length; index++)
            inner[index] = Math.Max(0, inner[index]);
        Span<float> scores = stackalloc float[output.Outputs];
        output.Forward(inner, scores);

        float highest = float.MinValue, sum = 0;
        foreach (float score in scores)
            highest = Math.Max(highest, score);
        for (int index = 0; index < scores.Length; index++)
            sum += scores[index] = MathF.Exp(scores[index] - highest);
        for (int index = 0; index < scores.Length; index++)
            scores[index] /= sum;
        double loss = -Math.Log(Math.Max(1e-12, scores[label]));
        scores[label] -= 1;

        Span<float> back = stackalloc float[hidden.Outputs];
        output.Backward(inner, scores, back);
        for (int index = 0; index < back.Length; index++)
            back[index] = inner[index] > 0 ? back[index] : 0;
        hidden.Backward(point, back, []);
        return loss;
    }

    private sealed class Layer(Linear linear)
    {
        private readonly int inputs = (int)linear.Weight.Shape[0];
        private readonly Adam weight = new(linear.Weight.Value.ToArray());
        private readonly Adam bias = new(linear.Bias!.Value.ToArray());

        public int Outputs { get; } = (int)linear.Weight.Shape[1];

        public void Forward(ReadOnlySpan<float> input, Span<float> output)
        {
            bias.Values.CopyTo(output);
            for (int from = 0; from < inputs; from++)
            {
                for (int to = 0; to < Outputs; to++)
                    output[to] += input[from] * weight.Values[from * Outputs + to];
            }
        }

        public void Backward(ReadOnlySpan<float> input, ReadOnlySpan<float> gradient, Span<float> back)
        {
            for (int to = 0; to < Outputs; to++)
                bias.Gradient[to] += gradient[to];
            for (int from = 0; from < inputs; from++)
            {
                float sum = 0;
                for (int to = 0; to < Outputs; to++)
                {
                    weight.Gradient[from * Outputs + to] += input[from] * gradient[to];
                    sum += gradient[to] * weight.Values[from * Outputs + to];
                }

                if (!back.IsEmpty)
                    back[from] = sum;
            }
        }

        public void Step(int epoch, int points)
        {
            weight.Step(epoch, points);
            bias.Step(epoch, points);
        }

        // Parameters keep their ids: an optimizer that was saved would find its state again.
        public Linear Into(Linear layer) => new(
            layer.Weight.WithValue(Tensor.Of(weight.Values, inputs, Outputs)),
            layer.Bias!.WithValue(Tensor.Of(bias.Values, Outputs)));
    }

    private sealed class Adam(float[] values)
    {
        private readonly float[] mean = new float[values.Length];
        private readonly float[] square = new float[values.Length];

        public float[] Values { get; } = values;

        public float[] Gradient { get; } = new float[values.Length];

        public void Step(int epoch, int points)
        {
            const float rate = 0.02f, first = 0.9f, second = 0.999f;
            for (int index = 0; index < Values.Length; index++)
            {
                float gradient = Gradient[index] / points;
                mean[index] = first * mean[index] + (1 - first) * gradient;
                square[index] = second * square[index] + (1 - second) * gradient * gradient;
                float step = mean[index] / (1 - MathF.Pow(first, epoch));
                float scale = MathF.Sqrt(square[index] / (1 - MathF.Pow(second, epoch))) + 1e-8f;
                Values[index] -= rate * step / scale;
                Gradient[index] = 0;
            }
        }
    }
}
