using System.Text.Json;

namespace DataPlatform.Conformance.Quality;

/// <summary>One case of <c>lineage-cases.json</c>; the fields are explained in <c>lineage-cases.md</c> beside it.</summary>
public sealed record LineageCase
{
    public required string Id { get; init; }

    public required string Sql { get; init; }

    public Dictionary<string, Dictionary<string, string>>? Schema { get; init; }

    /// <summary>Statements to run first: a text, or a list of texts.</summary>
    public JsonElement? Setup { get; init; }

    public required IReadOnlyList<ExpectedEdge> Expected { get; init; }

    public IReadOnlyList<string>? Inputs { get; init; }

    public string? Output { get; init; }

    public IReadOnlyList<string>? Indirect { get; init; }

    public string? Note { get; init; }

    public bool Hard { get; init; }

    public IEnumerable<string> SetupStatements => Setup?.ValueKind switch
    {
        JsonValueKind.String => [Setup.Value.GetString()!],
        JsonValueKind.Array => Setup.Value.EnumerateArray().Select(s => s.GetString()!),
        _ => [],
    };

    public override string ToString() => Id;
}

/// <summary>A written column and its sources, as <c>table.column</c>.</summary>
public sealed record ExpectedEdge(string Target, IReadOnlyList<string> Sources);
