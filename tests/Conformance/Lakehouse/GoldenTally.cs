using System.Collections.Concurrent;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>Counts tables per family and prints the sums and every failure at the end.</summary>
public sealed class GoldenTally : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<string?>> _families = new();

    /// <summary>Notes a table.</summary>
    /// <param name="family">Its family.</param>
    /// <param name="failure">What is wrong; null when it passed.</param>
    public void Count(string family, string? failure) => _families.GetOrAdd(family, _ => []).Add(failure);

    public void Dispose()
    {
        foreach (var (family, results) in _families.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var failures = results.OfType<string>().Order(StringComparer.Ordinal).ToList();
            foreach (var failure in failures)
            {
                Console.WriteLine($"delta failed: {failure}");
            }

            Console.WriteLine($"delta {family}: {results.Count - failures.Count} passed, {failures.Count} failed");
        }

        var all = _families.Values.SelectMany(f => f).ToList();
        Console.WriteLine($"delta tables: {all.Count(f => f is null)} passed, {all.Count(f => f is not null)} failed");
        if (GoldenTables.PublicRoot is null)
        {
            Console.WriteLine("delta: the public golden tables were not there (set DP_CASES_DELTA to their folder); only this repository's own ran.");
        }
    }
}
