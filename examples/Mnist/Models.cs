using Records;

namespace Mnist;

/// <summary>What reads digits, whichever of Burn's MNIST models it is.</summary>
public interface IReader
{
    /// <summary>[batch, 1, 28, 28] to [batch, 10].</summary>
    Tensor Forward(Tensor images);
}

/// <summary>A convolution of the models that Burn's web demo had until 2024.</summary>
[Module]
public sealed partial record PlainBlock(Conv2d Conv, BatchNorm Norm, Gelu Activation)
{
    public static PlainBlock Init(int inputs, int outputs, Device device) =>
        new(Conv2d.Init(inputs, outputs, (3, 3), device), BatchNorm.Init(outputs, device), new Gelu());

    public Tensor Forward(Tensor images) => Activation.Forward(Norm.Forward(Conv.Forward(images)));
}

/// <summary>Three convolutions and two layers without bias: the demo's model until 2024.</summary>
[Module]
public sealed partial record PlainModel(
    PlainBlock Conv1,
    PlainBlock Conv2,
    PlainBlock Conv3,
    Dropout Dropout,
    Linear Fc1,
    Linear Fc2,
    Gelu Activation) : IReader
{
    public static PlainModel Init(Device device) => new(
        PlainBlock.Init(1, 8, device),
        PlainBlock.Init(8, 16, device),
        PlainBlock.Init(16, 24, device),
        new Dropout(0.5),
        Linear.Init(24 * 22 * 22, 32, device, bias: false),
        Linear.Init(32, 10, device, bias: false),
        new Gelu());

    public Tensor Forward(Tensor images)
    {
        Tensor features = Conv3.Forward(Conv2.Forward(Conv1.Forward(images))).Flatten(1);
        return Fc2.Forward(Dropout.Forward(Activation.Forward(Fc1.Forward(features))));
    }
}

/// <summary>A convolution of the models since 2025.</summary>
[Module]
public sealed partial record PoolingBlock(Conv2d Conv, BatchNorm Norm, MaxPool2d? Pool, Relu Activation)
{
    public static PoolingBlock Init(int inputs, int outputs, Device device) => new(
        Conv2d.Init(inputs, outputs, (3, 3), device),
        BatchNorm.Init(outputs, device),
        new MaxPool2d((2, 2)),
        new Relu());

    public Tensor Forward(Tensor images)
    {
        Tensor features = Activation.Forward(Norm.Forward(Conv.Forward(images)));
        return Pool is null ? features : Pool.Forward(features);
    }
}

/// <summary>Two convolutions and three layers: the demo's model since 2025, narrower since 2026.</summary>
[Module]
public sealed partial record PoolingModel(
    PoolingBlock Conv1,
    PoolingBlock Conv2,
    Dropout Dropout,
    Linear Fc1,
    Linear Fc2,
    Linear Fc3,
    Gelu Activation) : IReader
{
    public static PoolingModel Init(Device device, int hidden = 256) => new(
        PoolingBlock.Init(1, 64, device),
        PoolingBlock.Init(64, 64, device),
        new Dropout(0.25),
        Linear.Init(1600, hidden, device),
        Linear.Init(hidden, 128, device),
        Linear.Init(128, 10, device),
        new Gelu());

    public Tensor Forward(Tensor images)
    {
        Tensor features = Conv2.Forward(Conv1.Forward(images)).Flatten(1);
        Tensor first = Dropout.Forward(Activation.Forward(Fc1.Forward(features)));
        return Fc3.Forward(Dropout.Forward(Activation.Forward(Fc2.Forward(first))));
    }
}
