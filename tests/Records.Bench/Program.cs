using Records.Bench.Compare;

return args switch
{
    ["compare", .. var rest] => CompareCommand.Run(rest),
    ["child", .. var rest] => Child.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/Records.Bench -- compare [--mib N] [--peers FOLDER] [--growth] [--json]");
    return 2;
}
