using Microsoft.FSharp.Core;

namespace Records;

/// <summary>Any of the activation functions, as a module: which one it is stands in the file.</summary>
[Module]
public abstract partial record Activation
{
    /// <summary>The function's result; the shape stays, but for <see cref="Records.SwiGlu"/>.</summary>
    /// <exception cref="ArgumentException">The input's shape is not one that the function takes.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public abstract Tensor Forward(Tensor input);

    /// <summary>The case of <see cref="Records.Gelu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Gelu(Records.Gelu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.PRelu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record PRelu(Records.PRelu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Relu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Relu(Records.Relu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.LeakyRelu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record LeakyRelu(Records.LeakyRelu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.SwiGlu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record SwiGlu(Records.SwiGlu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Selu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Selu(Records.Selu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Sigmoid"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Sigmoid(Records.Sigmoid Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Tanh"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Tanh(Records.Tanh Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.HardSigmoid"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record HardSigmoid(Records.HardSigmoid Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.HardSwish"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record HardSwish(Records.HardSwish Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Softplus"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Softplus(Records.Softplus Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Softsign"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Softsign(Records.Softsign Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Elu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Elu(Records.Elu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Celu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Celu(Records.Celu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.ThresholdedRelu"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record ThresholdedRelu(Records.ThresholdedRelu Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.HardShrink"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record HardShrink(Records.HardShrink Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.SoftShrink"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record SoftShrink(Records.SoftShrink Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="Records.Shrink"/>.</summary>
    /// <param name="Value">The function.</param>
    public sealed record Shrink(Records.Shrink Value) : Activation
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The function on what kernels compute on.</summary>
    internal FSharpFunc<Core.Dense, Core.Dense> ToCore() =>
        FuncConvert.FromFunc<Core.Dense, Core.Dense>(values => Forward(Tensor.OfDense(values)).ToDense());

    // Burn added cases in the middle, and the index in a file counts those of its time.
    internal static RecordSchema Layouts(RecordSchema newest)
    {
        var constant = LayerSchemas.Constant;
        (string, RecordSchema)[] first =
        [
            ("Gelu", constant),
            ("PRelu", RecordSchema.Of<PReluRecord>()),
            ("Relu", constant),
            ("LeakyRelu", constant),
            ("SwiGlu", RecordSchema.Of<SwiGluRecord>()),
            ("Sigmoid", constant),
            ("Tanh", constant),
            ("HardSigmoid", constant),
        ];
        return RecordSchema.Versioned(
            ("0.19", RecordSchema.Enum(first)),
            ("0.20", RecordSchema.Enum([.. first, ("HardSwish", constant), ("Softplus", constant)])),
            ("0.21", newest));
    }
}
