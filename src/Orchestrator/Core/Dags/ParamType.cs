namespace DataPlatform.Orchestrator.Dags;

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
