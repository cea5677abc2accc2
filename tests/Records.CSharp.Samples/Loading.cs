namespace Records.Samples;

/// <summary>What must match when a record is loaded, each way.</summary>
public static class Loading
{
    private static readonly LinearRecord Good = new(Weights.Of([1, 2, 3, 4, 5, 6], 2, 3), Weights.Of([1, 2, 3], 3));

    private static Linear Model => Linear.Init(2, 3);

    /// <summary>The message of each fault, none when all is well.</summary>
    private static string[] Faults<TModule>(Func<TModule> load)
    {
        try
        {
            load();
            return [];
        }
        catch (RecordException problem)
        {
            return [.. problem.Problems.Select(one => one.Message)];
        }
    }

    public static string[] TakesValuesAndIds()
    {
        var loaded = Model.LoadRecord(Good);
        return [loaded.Weight.Id == Good.Weight!.Id ? "same id" : "other id", string.Join(' ', Weights.Floats(loaded.Weight.Value))];
    }

    public static string[] Missing() => Faults(() => Model.LoadRecord(Good with { Weight = null }));

    public static bool MissingAllowed()
    {
        var model = Model;
        var loaded = model.LoadRecord(Good with { Weight = null }, new() { AllowMissing = true });
        return ReferenceEquals(loaded.Weight, model.Weight) && loaded.Bias!.Id == Good.Bias!.Id;
    }

    public static string[] MissingModule() => Faults(() => Mlp.Init().LoadRecord(new(null, null, ConstantRecord.Single)));

    public static bool MissingModuleAllowed()
    {
        var model = Mlp.Init();
        return model.LoadRecord(new(null, null, ConstantRecord.Single), new() { AllowMissing = true }) == model;
    }

    public static string[] Unused() => Faults(() => Linear.Init(2, 3, bias: false).LoadRecord(Good));

    public static bool UnusedAllowed() => Linear.Init(2, 3, bias: false).LoadRecord(Good, new() { AllowUnused = true }).Bias is null;

    public static string[] UnusedModule()
    {
        var net = Net.Init();
        return Faults(() => net.LoadRecord(net.IntoRecord() with { Extra = Good }));
    }

    public static string[] Nil() => Faults(() => Model.LoadRecord(Good with { Bias = null }));

    public static bool NilAllowed() => Model.LoadRecord(Good with { Bias = null }, new() { AllowNilOptional = true }).Bias is null;

    public static string[] NilModule()
    {
        var net = Net.Init() with { Extra = Model };
        return Faults(() => net.LoadRecord(net.IntoRecord() with { Extra = null }));
    }

    public static string[] OtherLength()
    {
        var net = Net.Init();
        var record = net.IntoRecord();
        return Faults(() => net.LoadRecord(record with { Layers = [record.Layers![0]], Heads = [record.Heads![0]] }));
    }

    public static string OtherLengthAllowed()
    {
        var options = new LoadOptions { AllowOtherLength = true };
        var net = Net.Init();
        var one = Mlp.Init().IntoRecord();
        var shorter = net.LoadRecord(net.IntoRecord() with { Layers = [one] }, options);
        var longer = net.LoadRecord(net.IntoRecord() with { Layers = [one, one, one] }, options);
        return $"{shorter.Layers.Count} {shorter.Layers[0].Fc1.Weight == one.Fc1!.Weight} {ReferenceEquals(shorter.Layers[1].Fc1.Weight, net.Layers[1].Fc1.Weight)} {longer.Layers.Count}";
    }

    public static string[] ArrayLengthIsNeverAllowed()
    {
        var net = Net.Init();
        var record = net.IntoRecord();
        return Faults(() => net.LoadRecord(record with { Heads = [record.Heads![0]] }, new() { AllowOtherLength = true }));
    }

    public static string[] Shape() => Faults(() => Model.LoadRecord(new(Weights.Lazy(3, 2), Weights.Lazy(3))));

    public static string[] ShapeWithEverythingAllowed() => Faults(() => Model.LoadRecord(
        new(Weights.Lazy(3, 2), Weights.Lazy(3)),
        new() { AllowMissing = true, AllowUnused = true, AllowNilOptional = true, AllowOtherLength = true }));

    public static string[] Dtype() => Faults(() => Model.LoadRecord(Good with { Bias = Weights.Ints([1, 2, 3], 3) }));

    public static string[] Variant() => Faults(() => new Act.Dense(Model).LoadRecord(new ActRecord.PRelu(new(Weights.Lazy(1)))));

    public static string[] ConstantVariant() => Faults(() => new Act.Gelu(new()).LoadRecord(new ActRecord.Relu(ConstantRecord.Single)));

    public static bool SameVariant() =>
        new Act.Dense(Model).LoadRecord(new ActRecord.Dense(Good)) is Act.Dense dense && dense.Value.Weight == Good.Weight;

    public static string[] MissingWithoutTensors()
    {
        var net = Net.Init() with { Activation = new Act.Gelu(new()) };
        return Faults(() => net.LoadRecord(net.IntoRecord() with { Activation = null, Dropout = ConstantRecord.Optional(null), Title = ConstantRecord.Single }));
    }

    public static string[] OptionalWithoutTensors()
    {
        var gelu = new Act.Gelu(new());
        var model = new Optionals(gelu, null, [gelu, gelu]);
        var other = new Optionals(null, null, [gelu]);
        return [
            .. Faults(() => model.LoadRecord(new(null, null, null))),
            .. Faults(() => model.LoadRecord(other.IntoRecord())),
            .. Faults(() => other.LoadRecord(model.IntoRecord())),
            $"{model.LoadRecord(new(null, null, null)) == model} {other.LoadRecord(model.IntoRecord()).Act is null}",
        ];
    }

    public static string[] OptionalWithTensors()
    {
        var dense = new Act.Dense(Model);
        var full = new Optionals(dense, (Model, 1), [dense]);
        var bare = new Optionals(null, null, null);
        return [.. Faults(() => full.LoadRecord(bare.IntoRecord())), .. Faults(() => bare.LoadRecord(full.IntoRecord()))];
    }

    public static bool OptionalEmptied()
    {
        var full = new Optionals(new Act.Dense(Model), (Model, 1), [new Act.Dense(Model)]);
        var bare = new Optionals(null, null, null);
        return full.LoadRecord(bare.IntoRecord(), new() { AllowNilOptional = true }) == bare
            && bare.LoadRecord(full.IntoRecord(), new() { AllowUnused = true }) == bare;
    }

    public static string[] MissingVariant()
    {
        var net = Net.Init();
        return Faults(() => net.LoadRecord(net.IntoRecord() with { Activation = null, Pair = null }));
    }

    public static string[] Unreadable() => Faults(() => Linear.Init(2, 3, bias: false).LoadRecord(new(Weights.Broken(2, 3), null)));

    public static string[] Together() => Faults(() => Mlp.Init().LoadRecord(new(
        new(Weights.Lazy(3, 4), null),
        new(null, Weights.Lazy(9)),
        ConstantRecord.Single)));

    public static string Structured()
    {
        try
        {
            Mlp.Init().LoadRecord(new(new(Weights.Lazy(3, 4), null), null, ConstantRecord.Single)).ToString();
            return "";
        }
        catch (RecordException problem)
        {
            var first = problem.Problems[0];
            return $"{problem.Error.Kind} {problem.Problems.Count} {first.Kind} {first.Path} {first.Expected} {first.Actual}";
        }
    }

    public static int InitialisersRun()
    {
        var record = Weights.Reread(Net.Init().IntoRecord() with { Extra = Good });
        int before = Weights.Drawn;
        var model = Net.Init() with { Extra = Model };
        model.LoadRecord(record).ToString();
        _ = model.ToString();
        _ = model.NumParams;
        _ = model.IntoRecord();
        return Weights.Drawn - before;
    }

    public static string WholeNet()
    {
        var net = Net.Init() with { Extra = Model };
        var loaded = Net.Init() with { Extra = Model };
        loaded = loaded.LoadRecord(Weights.Reread(net.IntoRecord()));
        var (left, right) = (Paths(net), Paths(loaded));
        return left == right ? "same" : left + "\n" + right;
    }

    public static string ClassAndNominal()
    {
        var tower = new Tower(Linear.Init(1, 1), [Linear.Init(1, 1)], "high") { Roof = Linear.Init(1, 1) };
        var other = new Tower(Linear.Init(1, 1), [Linear.Init(1, 1)], "low") { Roof = Linear.Init(1, 1) };
        var loaded = other.LoadRecord(tower.IntoRecord());
        var nominal = new Nominal { First = Linear.Init(1, 1) };
        var copy = new Nominal { First = Linear.Init(1, 1), Width = 7 }.LoadRecord(nominal.IntoRecord());
        return $"{Paths(tower) == Paths(loaded)} {Paths(tower) == Paths(other)} {loaded.Name} {Paths(nominal) == Paths(copy)} {copy.Width}";
    }

    public static string Shared()
    {
        var weight = Weights.Of([1, 2, 3, 4], 2, 2);
        var model = new Mlp(new(weight, null), new(weight, null), new());
        var target = new Mlp(Linear.Init(2, 2, bias: false), Linear.Init(2, 2, bias: false), new());
        var direct = target.LoadRecord(model.IntoRecord());
        var fromFile = target.LoadRecord(Weights.Reread(model.IntoRecord()));
        // Copies of one module that were trained apart have one id and two values.
        var apart = new Mlp(new(weight, null), new(weight.WithValue(Weights.Of([5, 6, 7, 8], 2, 2).Value), null), new());
        var kept = target.LoadRecord(Weights.Reread(apart.IntoRecord()));
        return $"{ReferenceEquals(direct.Fc1.Weight, direct.Fc2.Weight)} {ReferenceEquals(fromFile.Fc1.Weight, fromFile.Fc2.Weight)} {ReferenceEquals(kept.Fc1.Weight, kept.Fc2.Weight)} {Weights.Floats(kept.Fc2.Weight.Value)[0]}";
    }

    public static string[] HandMadeWithHoles()
    {
        try
        {
            Weights.Reread(new MlpRecord(new(null, null), null, ConstantRecord.Single));
            return [];
        }
        catch (RecordException problem)
        {
            return [.. problem.Problems.Select(one => one.Message)];
        }
    }

    /// <summary>
    /// A file of halves or doubles in a module of floats: whether it is the same in one step as in two, and how many times the module's bytes
    /// the one step allocates.
    /// </summary>
    public static (bool Same, double Times) OneStep(Recorder recorder, string folder)
    {
        string path = Path.Combine(folder, "steps");
        const int width = 1024;
        // nested, so that paths have several names
        Mlp Empty() => new(Linear.Init(width, width, bias: false), Linear.Init(1, 1, bias: false), new());
        Empty().SaveFile(path, recorder);
        var twoSteps = Empty().LoadRecord(recorder.Load<MlpRecord>(path, Device.Cpu)).Fc1;
        var empty = Empty();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var oneStep = empty.LoadFile(path, recorder, Device.Cpu).Fc1;
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        bool same = oneStep.Weight.Dtype == Records.Dtype.F32
            && oneStep.Weight.Id == twoSteps.Weight.Id
            && Weights.Floats(oneStep.Weight.Value).SequenceEqual(Weights.Floats(twoSteps.Weight.Value));
        return (same, taken / (4.0 * width * width));
    }

    /// <summary>A file of doubles that do not fit, and of another shape: everything is told.</summary>
    public static string[] OneStepWithFaults(Recorder recorder, string folder)
    {
        string path = Path.Combine(folder, "faulty");
        var large = Param.Of(Tensor.Of([1e300, 2, 3, 4, 5, 6], 2, 3));
        recorder.Record(new MlpRecord(new(large, Param.Of(Tensor.Of([1.0, 2]))), new(large, null), ConstantRecord.Single), path);
        return Faults(() => new Mlp(Linear.Init(2, 3), Linear.Init(2, 3), new()).LoadFile(path, recorder, Device.Cpu));
    }

    private static string Paths<TModule, TRecord>(IModule<TModule, TRecord> module)
        where TModule : IModule<TModule, TRecord>
        where TRecord : IRecord<TRecord>
    {
        var lines = new List<string>();
        module.Visit((path, id, tensor) => lines.Add($"{path} {id} [{string.Join(", ", tensor.Shape)}]"));
        return string.Join('\n', lines);
    }
}
