namespace Records;

/// <summary>Any of the norms, as a module: which one it is stands in the file. Burn has it since 0.19.</summary>
[Module]
public abstract partial record Normalization
{
    /// <summary>The normalised input; the shape stays.</summary>
    /// <exception cref="ArgumentException">The input's shape is not one that the norm takes.</exception>
    /// <exception cref="InvalidOperationException">The elements are not floats.</exception>
    public abstract Tensor Forward(Tensor input);

    /// <summary>The case of <see cref="BatchNorm"/>.</summary>
    /// <param name="Value">The norm.</param>
    public sealed record Batch(BatchNorm Value) : Normalization
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="GroupNorm"/>.</summary>
    /// <param name="Value">The norm.</param>
    public sealed record Group(GroupNorm Value) : Normalization
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="InstanceNorm"/>.</summary>
    /// <param name="Value">The norm.</param>
    public sealed record Instance(InstanceNorm Value) : Normalization
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="LayerNorm"/>.</summary>
    /// <param name="Value">The norm.</param>
    public sealed record Layer(LayerNorm Value) : Normalization
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }

    /// <summary>The case of <see cref="RmsNorm"/>.</summary>
    /// <param name="Value">The norm.</param>
    public sealed record Rms(RmsNorm Value) : Normalization
    {
        /// <inheritdoc/>
        public override Tensor Forward(Tensor input) => Value.Forward(input);
    }
}
