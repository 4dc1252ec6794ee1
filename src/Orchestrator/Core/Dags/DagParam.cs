namespace DataPlatform.Orchestrator.Dags;

/// <summary>A parameter of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its value must be.</param>
/// <param name="DefaultJson">The value where the caller gives none, as JSON; null: the caller must give one.</param>
/// <param name="Description">What it is for.</param>
public sealed record DagParam(string Name, ParamType Type, string? DefaultJson, string Description);

/// <summary>What a parameter's value must be, in the words of JSON.</summary>
public enum ParamType
{
    /// <summary>A text.</summary>
    String,

    /// <summary>A number without fraction.</summary>
    Integer,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A list.</summary>
    Array,

    /// <summary>An object.</summary>
    Object,
}
