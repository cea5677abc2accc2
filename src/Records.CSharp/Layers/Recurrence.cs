namespace Records;

/// <summary>What recurrent layers do with their input and output besides computing.</summary>
internal static class Recurrence
{
    /// <summary>The input as [batch, steps, in], whichever dimension comes first in it.</summary>
    internal static Core.Dense Steps(Tensor input, bool batchFirst)
    {
        ArgumentNullException.ThrowIfNull(input);
        var values = input.ToDense();
        if (values.Shape.Length != 3)
            throw new ArgumentException($"The input is {Core.DenseModule.text(values)}, expected three dimensions.", nameof(input));
        return batchFirst ? values : Core.DenseModule.exchange(values);
    }

    /// <summary>The output with the dimensions in the order that the input had.</summary>
    internal static Tensor Output(Core.Dense output, bool batchFirst) =>
        Tensor.OfDense(batchFirst ? output : Core.DenseModule.exchange(output));
}
