using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Sqlite;

/// <summary>The parts of a verdict that are read only to be shown.</summary>
internal sealed record VerdictDetail(string Rule, string Message, string? Owner, RowSample? Sample, IReadOnlyList<string>? Tags = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VerdictDetail))]
[JsonSerializable(typeof(QueryCounts))]
internal sealed partial class DetailJson : JsonSerializerContext;
