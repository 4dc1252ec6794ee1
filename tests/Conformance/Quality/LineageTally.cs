using System.Collections.Concurrent;

namespace DataPlatform.Conformance.Quality;

/// <summary>Counts cases per family and prints the sums and every failure at the end.</summary>
public sealed class LineageTally : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<string?>> _families = new();

    /// <summary>Notes a case.</summary>
    /// <param name="family">Where it comes from.</param>
    /// <param name="failure">What is wrong; null when it passed.</param>
    public void Count(string family, string? failure) => _families.GetOrAdd(family, _ => []).Add(failure);

    public void Dispose()
    {
        foreach (var (family, results) in _families)
        {
            var failures = results.OfType<string>().Order(StringComparer.Ordinal).ToList();
            foreach (var failure in failures)
            {
                Console.WriteLine($"lineage failed: {failure}");
            }

            Console.WriteLine($"lineage ({family}): {results.Count - failures.Count} passed, {failures.Count} failed");
        }
    }
}
