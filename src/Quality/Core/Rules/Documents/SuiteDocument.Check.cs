using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Quality.Rules.Documents;

public static partial class SuiteDocument
{
    private const int ProblemsMax = 100;

    /// <summary>Reads as much of a suite as there is, and says of each thing that is wrong where it stands.</summary>
    /// <param name="json">A document that is JSON.</param>
    /// <returns>The suite, null with any problem; problems by JSON pointer, at most 100.</returns>
    internal static (QualitySuite? Suite, IReadOnlyList<(string Pointer, string Message)> Problems) Check(string json)
    {
        using var document = JsonDocument.Parse(json, Options);
        List<(string Pointer, string Message)> problems = [];
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return (null, [(string.Empty, "A suite is an object with 'table' and 'rules'.")]);
        }

        QualitySuite? suite = null;
        Try(string.Empty, problems, () =>
        {
            var (builder, rules) = Begin(root);
            var place = 0;
            foreach (var rule in rules.EnumerateArray())
            {
                var pointer = string.Create(CultureInfo.InvariantCulture, $"/rules/{place++}");
                Try(pointer, problems, () => AddRule(builder, rule, place));
            }

            Try("/rules", problems, () => suite = builder.Build());
        });
        return problems.Count == 0 ? (suite, problems) : (null, problems);
    }

    private static void Try(string pointer, List<(string Pointer, string Message)> problems, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is QualityException or ArgumentException)
        {
            if (problems.Count < ProblemsMax)
            {
                problems.Add((e is PropertyException { Property: var name } ? $"{pointer}/{name}" : pointer, e.Message));
            }
        }
    }
}
