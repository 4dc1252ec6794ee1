using System.Collections.Concurrent;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Conformance.Quality;

/// <summary>Counts cases per family and prints the sums and every failure at the end.</summary>
public sealed class LineageTally : IDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<string?>> _families = new();
    private readonly ConcurrentDictionary<LineageTier, int> _tiers = new();

    /// <summary>Notes how a statement's lineage was found.</summary>
    public void Count(LineageTier tier) => _tiers.AddOrUpdate(tier, 1, static (_, n) => n + 1);

    /// <summary>Notes a case.</summary>
    /// <param name="family">Where it comes from.</param>
    /// <param name="failure">What is wrong; null when it passed.</param>
    public void Count(string family, string? failure) => _families.GetOrAdd(family, _ => []).Add(failure);

    public void Dispose()
    {
        Console.WriteLine($"lineage tiers: {string.Join(", ", _tiers.OrderBy(t => t.Key).Select(t => $"{t.Key} {t.Value}"))}");
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
