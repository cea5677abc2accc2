using Records;

namespace Mnist;

/// <summary>A block of the networks that Burn's MNIST example trained up to its version 0.18.</summary>
[Module]
public sealed partial record DeepBlock(Conv2d Conv, BatchNorm Norm, Gelu Activation)
{
    public static DeepBlock Init(int channelsIn, int channelsOut, Device device) =>
        new(Conv2d.Init(channelsIn, channelsOut, (3, 3), device), BatchNorm.Init(channelsOut, device), new Gelu());

    public Tensor Forward(Tensor images) => Activation.Forward(Norm.Forward(Conv.Forward(images)));
}

/// <summary>Three blocks and two products: images [batch, 1, 28, 28] to scores [batch, 10].</summary>
[Module]
public sealed partial record DeepModel(
    DeepBlock Conv1, DeepBlock Conv2, DeepBlock Conv3, Dropout Dropout, Linear Fc1, Linear Fc2, Gelu Activation)
{
    public static DeepModel Init(Device device) => new(
        DeepBlock.Init(1, 8, device),
        DeepBlock.Init(8, 16, device),
        DeepBlock.Init(16, 24, device),
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

/// <summary>A block of the networks that Burn's MNIST example trains since.</summary>
[Module]
public sealed partial record PooledBlock(Conv2d Conv, BatchNorm Norm, MaxPool2d? Pool, Relu Activation)
{
    public static PooledBlock Init(int channelsIn, int channelsOut, Device device) => new(
        Conv2d.Init(channelsIn, channelsOut, (3, 3), device),
        BatchNorm.Init(channelsOut, device),
        new MaxPool2d((2, 2)),
        new Relu());

    public Tensor Forward(Tensor images)
    {
        Tensor features = Activation.Forward(Norm.Forward(Conv.Forward(images)));
        return Pool?.Forward(features) ?? features;
    }
}

/// <summary>Two blocks and three products: images [batch, 1, 28, 28] to scores [batch, 10].</summary>
[Module]
public sealed partial record PooledModel(
    PooledBlock Conv1, PooledBlock Conv2, Dropout Dropout, Linear Fc1, Linear Fc2, Linear Fc3, Gelu Activation)
{
    public static PooledModel Init(Device device, int hidden = 256) => new(
        PooledBlock.Init(1, 64, device),
        PooledBlock.Init(64, 64, device),
        new Dropout(0.25),
        Linear.Init(64 * 5 * 5, hidden, device),
        Linear.Init(hidden, 128, device),
        Linear.Init(128, 10, device),
        new Gelu());

    public Tensor Forward(Tensor images)
    {
        Tensor features = Conv2.Forward(Conv1.Forward(images)).Flatten(1);
        features = Dropout.Forward(Activation.Forward(Fc1.Forward(features)));
        features = Dropout.Forward(Activation.Forward(Fc2.Forward(features)));
        return Fc3.Forward(features);
    }
}

/// <summary>Every way to save a model and load it again.</summary>
public static class Copies
{
    public static IEnumerable<(string Name, PooledModel Model)> Of(PooledModel model, string folder)
    {
        Device device = Device.Cpu;
        foreach (FileRecorder recorder in new FileRecorder[]
        {
            new NamedMpkFileRecorder<FullPrecisionSettings>(),
            new NamedMpkGzFileRecorder<FullPrecisionSettings>(),
            new BinGzFileRecorder<FullPrecisionSettings>(),
            new PrettyJsonFileRecorder<FullPrecisionSettings>(),
            new BinFileRecorder<DoublePrecisionSettings>(),
            new NamedMpkFileRecorder<DoublePrecisionSettings>(),
            new BinFileRecorder<HalfPrecisionSettings>(),
            new NamedMpkGzFileRecorder<HalfPrecisionSettings>(),
            new BurnpackFileRecorder(),
            Recorder.Burnpack().HalfPrecision(),
            new BurnpackFileRecorder<DoublePrecisionSettings>(),
        })
        {
            string path = Path.Combine(folder, Guid.NewGuid().ToString());
            model.SaveFile(path, recorder);
            yield return (recorder.ToString()!, PooledModel.Init(device).LoadFile(path, recorder, device));
        }
    }
}
