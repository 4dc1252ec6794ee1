namespace DataPlatform.Benchmarks;

/// <summary>One family of benchmarks, found by its type: a class that implements this is a suite of the runner.</summary>
internal interface IBenchmarkSuite
{
    /// <summary>The word that starts it, for example <c>lake</c>.</summary>
    string Name { get; }

    /// <summary>One line for the help text.</summary>
    string Description { get; }

    /// <summary>Runs the suite.</summary>
    /// <param name="arguments">Its own arguments, without its name and <c>--json</c>.</param>
    /// <param name="report">Where its figures go.</param>
    /// <param name="cancellationToken">Stops it between two cases.</param>
    /// <returns>The exit code: 0 when all cases ran, 2 for unusable arguments.</returns>
    Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken);
}

/// <summary>Finds the suites of this program.</summary>
internal static class BenchmarkSuites
{
    /// <summary>Every suite, ordered by name.</summary>
    public static IReadOnlyList<IBenchmarkSuite> Discover()
        => [.. typeof(BenchmarkSuites).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IBenchmarkSuite)))
            .Select(type => (IBenchmarkSuite)Activator.CreateInstance(type)!)
            .OrderBy(suite => suite.Name, StringComparer.Ordinal)];
}
