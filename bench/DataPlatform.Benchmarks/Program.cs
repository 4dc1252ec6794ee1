using DataPlatform.Benchmarks;

// One runner for the whole ladder: the first argument names a suite, the rest are the suite's own.
var suites = BenchmarkSuites.Discover();
if (args.Length == 0 || args[0] is "-h" or "--help")
{
    Console.WriteLine("usage: dotnet run -c Release --project bench/DataPlatform.Benchmarks -- SUITE [options] [--json]");
    foreach (var suite in suites)
    {
        Console.WriteLine($"  {suite.Name,-14} {suite.Description}");
    }

    return args.Length == 0 ? 2 : 0;
}

var chosen = suites.FirstOrDefault(suite => suite.Name == args[0]);
if (chosen is null)
{
    Console.Error.WriteLine($"There is no suite '{args[0]}'. There are: {string.Join(", ", suites.Select(suite => suite.Name))}.");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var json = args.Contains("--json");
return await chosen.RunAsync([.. args.Skip(1).Where(arg => arg != "--json")], new BenchmarkReport(Console.Out, json), stop.Token);
