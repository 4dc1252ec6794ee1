using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Lineage;

/// <summary>How lineage was found, best first.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LineageTier>))]
public enum LineageTier
{
    /// <summary>From the engine's own bound plan: every name resolved, every star expanded.</summary>
    BoundPlan,

    /// <summary>From the parse tree, with names resolved as far as the text and the known schemas allow.</summary>
    ParseTree,

    /// <summary>Only which tables were read and written.</summary>
    TableLevel,
}
