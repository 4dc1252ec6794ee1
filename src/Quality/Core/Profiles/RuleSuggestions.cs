using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Reads rules off the partitions seen so far: what has always held, with room for what has not been seen yet.</summary>
/// <remarks>
/// Nothing here is certain: limits lie outside what was seen by a share of its spread, a set is suggested only where a new value would be a
/// surprise, and a key is told by an estimate. Run the suite over the table before it stands guard.
/// </remarks>
public static class RuleSuggestions
{
    private const int RowsMin = 100;
    private const int SetMax = 20;

    // A value seen fewer than this often would make the set a list of accidents.
    private const int SetOccurrencesMin = 20;
    private const double RangeRoom = 0.1;
    private const decimal NullRoom = 1.5m;

    // Two standard errors: an estimate within them may well be the number of rows.
    private const double KeyShare = 1 - (2 * HyperLogLog.RelativeError);

    /// <summary>Suggests rules for a table.</summary>
    /// <param name="partitions">States of its partitions, or one of the whole table; those with fewer than 100 rows in all say nothing.</param>
    /// <returns>Rules by column, in the table's order; the schema and the number of rows first.</returns>
    public static IReadOnlyList<RuleSuggestion> For(IReadOnlyList<PartitionState> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var columns = PartitionState.Fold(partitions).Columns;
        if (columns.Count == 0 || columns[0].Rows < RowsMin)
        {
            return [];
        }

        return [Schema(columns), RowCount(columns[0].Rows), .. columns.SelectMany(c => OfColumn(c, partitions))];
    }

    /// <summary>The suggestions as one suite document.</summary>
    /// <param name="table">The table.</param>
    /// <param name="suggestions">The rules.</param>
    public static JsonObject Document(string table, IEnumerable<RuleSuggestion> suggestions)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        ArgumentNullException.ThrowIfNull(suggestions);
        return new JsonObject { ["table"] = table, ["rules"] = new JsonArray([.. suggestions.Select(s => s.Rule.DeepClone())]) };
    }

    private static RuleSuggestion Schema(IReadOnlyList<ColumnState> columns) => new(
        new JsonObject
        {
            ["kind"] = "schema",
            ["columns"] = new JsonArray([.. columns.Select(c => new JsonObject { ["name"] = c.Name, ["type"] = c.Type })]),
        },
        $"{columns.Count} columns");

    private static RuleSuggestion RowCount(long rows) => new(new JsonObject { ["kind"] = "row-count", ["min"] = 1 }, Invariant($"{rows} rows"));

    private static IEnumerable<RuleSuggestion> OfColumn(ColumnState column, IReadOnlyList<PartitionState> partitions)
    {
        var profile = ColumnProfile.Of(column);
        if (Presence(profile, partitions) is { } presence)
        {
            yield return presence;
        }

        if (profile.Rows == profile.Nulls)
        {
            yield break;
        }

        if (Key(profile) is { } key)
        {
            yield return key;
        }

        if (Values(column, profile) is { } values)
        {
            yield return values;
        }
        else if (column.Family is ColumnFamily.Integer or ColumnFamily.Decimal or ColumnFamily.Float)
        {
            yield return Range(profile);
        }
        else if (column.Family == ColumnFamily.Text)
        {
            yield return Shape(column, profile);
        }
    }

    private static RuleSuggestion? Presence(ColumnProfile profile, IReadOnlyList<PartitionState> partitions)
    {
        if (profile.Nulls == 0)
        {
            return new(Rule("not-null", profile), Invariant($"no NULL in {profile.Rows} rows"));
        }

        var worst = partitions.SelectMany(p => p.Columns).Where(c => c.Rows > 0 && SameName(c.Name, profile.Name)).Max(c => (double)c.Nulls / c.Rows);
        var percent = Math.Ceiling((decimal)worst * NullRoom * 1000) / 10;
        if (percent >= 100)
        {
            return null;
        }

        var rule = Rule("not-null", profile);
        rule["severity"] = "warning";
        rule["threshold"] = Invariant($"{percent}%");
        return new(rule, Invariant($"at most {worst:P2} NULL in a partition"));
    }

    private static RuleSuggestion? Key(ColumnProfile profile)
    {
        var values = profile.Rows - profile.Nulls;
        return profile.Family is ColumnFamily.Integer or ColumnFamily.Text && values >= RowsMin && profile.Distinct >= values * KeyShare
            ? new(new JsonObject { ["kind"] = "unique", ["columns"] = new JsonArray(profile.Name) }, Invariant($"about {profile.Distinct} different values in {values}"))
            : null;
    }

    private static RuleSuggestion? Values(ColumnState column, ColumnProfile profile)
    {
        var seen = column.Top.Top(SetMax + 1);
        if (column.Family != ColumnFamily.Text || column.Top.ErrorMax > 0 || seen.Count > SetMax || seen.Any(v => v.Count < SetOccurrencesMin))
        {
            return null;
        }

        var rule = Rule("set", profile);
        rule["values"] = new JsonArray([.. seen.Select(v => JsonValue.Create(v.Value)).Order(Comparer<JsonValue>.Create(
            static (a, b) => string.CompareOrdinal(a.GetValue<string>(), b.GetValue<string>())))]);
        return new(rule, Invariant($"{seen.Count} different values, the rarest {seen[^1].Count} times"));
    }

    private static RuleSuggestion Range(ColumnProfile profile)
    {
        var (low, high) = (profile.Minimum!.Value, profile.Maximum!.Value);
        var room = (high - low) * RangeRoom;

        // What was never negative is rarely allowed to be.
        var lowest = low >= 0 ? Math.Max(0, low - room) : low - room;
        var rule = Rule("range", profile);
        rule["severity"] = "warning";
        rule["min"] = Limit(Math.Floor(lowest), profile);
        rule["max"] = Limit(Math.Ceiling(high + room), profile);
        return new(rule, Invariant($"between {low:R} and {high:R}"));
    }

    private static JsonValue Limit(double value, ColumnProfile profile)
        => profile.Family == ColumnFamily.Float || Math.Abs(value) >= long.MaxValue ? JsonValue.Create(value) : JsonValue.Create((long)value);

    private static RuleSuggestion Shape(ColumnState column, ColumnProfile profile)
    {
        var shapes = column.Patterns.Top(2);
        if (shapes.Count == 1 && column.Patterns.ErrorMax == 0 && shapes[0].Value.Length < TextPattern.LengthMax)
        {
            var rule = Rule("pattern", profile);
            rule["pattern"] = Expression(shapes[0].Value);
            return new(rule, $"every text looks like {shapes[0].Value}");
        }

        var length = Rule("length", profile);
        length["severity"] = "warning";
        length["min"] = profile.Minimum >= 1 ? 1 : 0;
        length["max"] = (int)Math.Min(int.MaxValue, Math.Ceiling(profile.Maximum!.Value * (1 + RangeRoom)));
        return new(length, Invariant($"{profile.Minimum} to {profile.Maximum} characters"));
    }

    /// <summary>A shape of <see cref="TextPattern"/> as a regular expression.</summary>
    private static string Expression(string shape) => string.Concat(Runs(shape).Select(run => run.Class switch
    {
        'A' => @"\p{Lu}" + run.Times,
        'a' => @"\p{L}" + run.Times,
        '9' => @"\p{Nd}" + run.Times,
        var literal => Regex.Escape(literal.ToString()) + run.Times,
    }));

    private static IEnumerable<(char Class, string Times)> Runs(string shape)
    {
        for (var at = 0; at < shape.Length;)
        {
            var symbol = shape[at];
            var run = shape.AsSpan(at).IndexOfAnyExcept(symbol) is var length && length < 0 ? shape.Length - at : length;
            at += run;
            var isLong = run == 1 && at < shape.Length && shape[at] == '+' && symbol is 'A' or 'a' or '9';
            at += isLong ? 1 : 0;
            yield return (symbol, isLong ? "{5,}" : run == 1 ? string.Empty : Invariant($"{{{run}}}"));
        }
    }

    private static JsonObject Rule(string kind, ColumnProfile profile) => new() { ["kind"] = kind, ["column"] = profile.Name };

    private static bool SameName(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
