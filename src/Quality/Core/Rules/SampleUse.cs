namespace DataPlatform.Quality.Rules;

/// <summary>What a sample is to a rule.</summary>
internal enum SampleUse
{
    /// <summary>It says nothing sound about the rule.</summary>
    Unsound,

    /// <summary>It gives an interval that the rule can be judged by.</summary>
    Sound,

    /// <summary>It is not needed: the rule reads no rows, or counts them.</summary>
    Needless,
}
