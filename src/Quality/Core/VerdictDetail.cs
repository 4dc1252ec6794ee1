using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Quality;

/// <summary>The parts of a verdict that are read only to be shown, which stores keep as one JSON text.</summary>
internal sealed record VerdictDetail(string Rule, string Message, string? Owner, RowSample? Sample, IReadOnlyList<string>? Tags = null, string? Evidence = null)
{
    public static string Write(Verdict verdict) => JsonSerializer.Serialize(
        new VerdictDetail(
            verdict.Rule,
            verdict.Message,
            verdict.Owner,
            verdict.Sample.Rows.Count == 0 ? null : verdict.Sample,
            verdict.Tags.Count == 0 ? null : verdict.Tags,
            verdict.Evidence),
        DetailJson.Default.VerdictDetail);

    /// <summary>Rows to show as JSON; null for none.</summary>
    public static string? Write(RowSample sample) => sample.Rows.Count == 0 ? null : JsonSerializer.Serialize(sample, DetailJson.Default.RowSample);

    public static RowSample ReadSample(string? json)
        => json is null ? RowSample.Empty : JsonSerializer.Deserialize(json, DetailJson.Default.RowSample) ?? RowSample.Empty;

    /// <summary>A verdict with its parts that are kept here.</summary>
    public Verdict Complete(Verdict verdict) => verdict with
    {
        Rule = Rule,
        Message = Message,
        Owner = Owner,
        Tags = Tags ?? [],
        Evidence = Evidence,
        Sample = Sample ?? RowSample.Empty,
    };

    public static VerdictDetail Read(string json) => JsonSerializer.Deserialize(json, DetailJson.Default.VerdictDetail)!;

    public static string Write(QueryCounts queries) => JsonSerializer.Serialize(queries, DetailJson.Default.QueryCounts);

    public static QueryCounts ReadQueries(string json) => JsonSerializer.Deserialize(json, DetailJson.Default.QueryCounts)!;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerdictDetail))]
[JsonSerializable(typeof(QueryCounts))]
[JsonSerializable(typeof(RowSample))]
internal sealed partial class DetailJson : JsonSerializerContext;
