using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>Suites as JSON: the same model, ids included, as in C#.</summary>
public static partial class SuiteDocument
{
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly string[] SuiteProperties = ["$schema", "suite", "table", "mask", "rules"];

    /// <summary>Reads a suite.</summary>
    /// <param name="json">The document; see <see cref="Schema"/>.</param>
    /// <exception cref="QualityException">It is no suite; the message names the rule and the property.</exception>
    public static QualitySuite Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return Read(document.RootElement);
        }
        catch (PropertyException e)
        {
            throw new QualityException(ErrorKind.Invalid, e.Message, e);
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"The suite is no JSON: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"The suite has a value that no rule can use: {e.Message}", e);
        }
    }

    /// <summary>The JSON schema of suites (draft 2020-12), for editors and for the YAML form too.</summary>
    public static JsonObject Schema() => SuiteSchema.Build();

    private static QualitySuite Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new QualityException(ErrorKind.Invalid, "A suite is an object with 'table' and 'rules'.");
        }

        var (builder, rules) = Begin(root);
        var place = 0;
        foreach (var rule in rules.EnumerateArray())
        {
            AddRule(builder, rule, ++place);
        }

        return builder.Build();
    }

    private static (QualitySuiteBuilder Builder, JsonElement Rules) Begin(JsonElement root)
    {
        var fields = new RuleFields(root, "The suite");
        OnlyKnown(root, SuiteProperties, fields);
        var builder = new QualitySuiteBuilder(fields.Text("table")).MaskInSamples(fields.TextsOrEmpty("mask"));
        if (fields.TextOrNull("suite") is { } name)
        {
            builder.Named(name);
        }

        return root.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array
            ? (builder, rules)
            : throw fields.Wrong("rules", "must be a list of rules");
    }

    private static void AddRule(QualitySuiteBuilder builder, JsonElement rule, int place)
    {
        var fields = new RuleFields(rule, $"Rule {place}");
        if (rule.ValueKind != JsonValueKind.Object)
        {
            throw fields.Wrong("rule", "must be an object");
        }

        var name = fields.Text("kind");
        var kind = RuleKind.All.FirstOrDefault(k => k.Name == name)
            ?? throw fields.Wrong("kind", $"must be one of {string.Join(", ", RuleKind.All.Select(k => k.Name))}");
        var named = $"Rule {place} ({name})";
        fields = new RuleFields(rule, named);
        OnlyKnown(rule, ["kind", .. kind.Properties.Concat(RuleKind.Shared).Select(p => p.Name)], fields);
        try
        {
            kind.Add(builder, fields, Settings(fields));
        }
        catch (Exception e) when (e is ArgumentException or QualityException and not PropertyException)
        {
            throw new QualityException(ErrorKind.Invalid, $"{named} has a value that no rule can use: {Words(e)}", e);
        }
    }

    // The name of a parameter in C# says nothing to the author of a document.
    private static string Words(Exception e) => e.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var end ? e.Message[..end] : e.Message;

    private static RuleSettings Settings(RuleFields fields) => new()
    {
        Severity = fields.Enum<Severity>("severity", Severity.Critical),
        Filter = fields.TextOrNull("filter") is not { } filter || !string.IsNullOrWhiteSpace(filter) ? fields.TextOrNull("filter") : throw fields.Wrong("filter", "is empty; leave it out for all rows"),
        Threshold = fields.Threshold("threshold"),
        Owner = fields.TextOrNull("owner"),
        Tags = fields.TextsOrEmpty("tags"),
        Name = fields.TextOrNull("name"),
    };

    // A misspelled property would otherwise be a rule that silently checks less than its author thinks.
    private static void OnlyKnown(JsonElement value, IEnumerable<string> known, RuleFields fields)
    {
        var names = known.ToList();
        if (value.EnumerateObject().FirstOrDefault(p => !names.Contains(p.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } stranger)
        {
            throw fields.Wrong(stranger.Name, $"is no property here; there are {string.Join(", ", names)}");
        }

        // JSON would have the last one win, and the author not know which rule is checked.
        if (value.EnumerateObject().GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw fields.Wrong(twice.Key, "is given twice");
        }
    }
}
