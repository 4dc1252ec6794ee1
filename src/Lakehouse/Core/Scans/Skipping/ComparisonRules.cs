namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>
/// What a comparison with a value can come out as, given a file's bounds: a table over all that matters (can a value lie below, at, above;
/// may one be null; may there be one at all), so that a million files cost a million look-ups.
/// </summary>
internal sealed class ComparisonRules
{
    private const int Below = 1;
    private const int At = 2;
    private const int Above = 4;
    private readonly Truths[] _table = new Truths[8 << 2];

    private ComparisonRules(string symbol)
    {
        for (var place = 0; place < 8; place++)
        {
            var (below, at, above) = ((place & Below) != 0, (place & At) != 0, (place & Above) != 0);
            for (var facts = 0; facts < 4; facts++)
            {
                _table[(place << 2) | facts] = TruthRules.Compare(symbol, below, at, above, mayBeNull: (facts & 1) != 0, mayHaveValue: (facts & 2) != 0);
            }
        }
    }

    private static Dictionary<string, ComparisonRules> BySymbol { get; } = new[] { "=", "<=>", "<>", "<", "<=", ">", ">=" }
        .ToDictionary(s => s, s => new ComparisonRules(s), StringComparer.Ordinal);

    /// <summary>The rules of a comparison operator; null for anything else.</summary>
    public static ComparisonRules? Of(string symbol) => BySymbol.GetValueOrDefault(symbol);

    /// <summary>The truth values of one file.</summary>
    /// <param name="facts">What is known of it.</param>
    /// <param name="low">Its minimum compared with the value.</param>
    /// <param name="high">Its maximum compared with the value.</param>
    public Truths Of(BoundFacts facts, int low, int high)
    {
        var hasLow = (facts & BoundFacts.HasMinimum) != 0;
        var hasHigh = (facts & BoundFacts.HasMaximum) != 0;
        var place = (!hasLow || low < 0 ? Below : 0) | ((!hasLow || low <= 0) && (!hasHigh || high >= 0) ? At : 0) | (!hasHigh || high > 0 ? Above : 0);
        return _table[(place << 2) | ((int)facts >> 2)];
    }
}
