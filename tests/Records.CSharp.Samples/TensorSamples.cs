namespace Records.Samples;

/// <summary>Tensors, parameters and layers as a user writes them.</summary>
public static class TensorSamples
{
    public static Tensor FromArray() => Tensor.Of(new float[] { 1, 2, 3, 4, 5, 6 }, 2, 3);

    public static Tensor FromLiteral() => Tensor.Of([1f, 2f, 3f]);

    public static Tensor FromLiteralWithShape() => Tensor.Of([1.0, 2.0, 3.0, 4.0], 2, 2);

    public static Tensor FromIntegers() => Tensor.Of([1, 2, 3]);

    public static Tensor FromTruths() => Tensor.Of([true, false], 1, 2);

    public static Tensor FromRectangle() => Tensor.Of(new long[,] { { 1, 2, 3 }, { 4, 5, 6 } });

    public static Tensor FromSpan() => Tensor.Of(stackalloc float[] { 1, 2 });

    public static Tensor Scalar() => Tensor.Of([1.5f], []);

    public static Tensor FromDecimals() => Tensor.Of([1m]);

    /// <summary>A shape kept in an array goes where numbers go.</summary>
    public static Tensor WithShape(float[] values, long[] shape) => Tensor.Of(values, shape);

    public static Tensor Reshaped() => FromArray().Reshape(3, -1);

    public static float[] AfterTheArrayChanged()
    {
        float[] values = [1, 2];
        Tensor tensor = Tensor.Of(values);
        values[0] = 9;
        return tensor.ToArray();
    }

    public static bool WrapCopiesNothing()
    {
        float[] values = [1, 2];
        Tensor tensor = Tensor.Wrap(values, 1, 2);
        values[0] = 9;
        return tensor.ToArray()[0] == 9;
    }

    public static int[] BestOfEachRow() => Tensor.Of(new float[,] { { 1, 9, 9 }, { 7, 3, 2 } }).ArgMax();

    public static Records.Linear WithoutBias(Device device) => Records.Linear.Init(3, 1, device, bias: false);

    public static Records.Linear Known() => new(
        Param.Of(Tensor.Of(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } })),
        Param.Of(Tensor.Of([10f, 20f])));

    public static float[] Forward() => Known().Forward(Tensor.Of(new float[,] { { 1, 0, -1 } })).ToArray();

    public static float[] Perceptron(Tensor images)
    {
        Device device = Device.Cpu.Seeded(42);
        Records.Linear first = Records.Linear.Init(4, 8, device), second = Records.Linear.Init(8, 2, device);
        return new Softmax().Forward(second.Forward(new Records.Relu().Forward(first.Forward(images)))).ToArray();
    }

    public static Param Xavier(Device device) =>
        Initializer.XavierUniform().Init([20, 30], device, fanIn: 20, fanOut: 30);

    public static Param ForgotTheFan(Device device) => Initializer.KaimingNormal(1).Init([20, 30], device);

    public static Param Counted(Action ran) => Param.Uninitialized(Device.Cpu, [2], () =>
    {
        ran();
        return Tensor.Of([1f, 2f]);
    });

    public static Param WrongShape() => Param.Uninitialized(Device.Cpu, [3], () => Tensor.Of([1f, 2f]));
}
