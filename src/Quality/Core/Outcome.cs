using System.Text.Json.Serialization;

namespace DataPlatform.Quality;

/// <summary>What became of one rule.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>The rule was measured and holds, within its threshold.</summary>
    Pass,

    /// <summary>The rule was measured and does not hold.</summary>
    Fail,

    /// <summary>
    /// Nothing can be said: the table, or the part the rule's filter selects, is empty, a baseline is still being learned, or an estimate or a
    /// sample does not decide.
    /// </summary>
    NoData,

    /// <summary>The rule could not be measured; the message says why. Neither good nor bad news about the data.</summary>
    Error,
}
