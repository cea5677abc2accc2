using Records.Bench.Compare;
using Records.Bench.Kernels;

return args switch
{
    ["compare", .. var rest] => CompareCommand.Run(rest),
    ["kernels", .. var rest] => KernelsCommand.Run(rest),
    ["child", .. var rest] => Child.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/Records.Bench -- compare [--mib N] [--peers FOLDER] [--growth] [--json]");
    Console.Error.WriteLine("dotnet run -c Release --project tests/Records.Bench -- kernels [--filter PATTERN]");
    return 2;
}
