namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Marks a parameter that takes a parameter of the run: its type and default are those of the C# parameter.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ParamAttribute : Attribute
{
    /// <summary>The name; null for that of the C# parameter.</summary>
    public string? Name { get; set; }

    /// <summary>What it is for.</summary>
    public string Description { get; set; } = string.Empty;

    /// <summary>The smallest number; NaN for none.</summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>The largest number; NaN for none.</summary>
    public double Maximum { get; set; } = double.NaN;

    /// <summary>The fewest characters or elements; -1 for none.</summary>
    public int LengthMin { get; set; } = -1;

    /// <summary>The most characters or elements; -1 for none.</summary>
    public int LengthMax { get; set; } = -1;

    /// <summary>A regular expression that the whole text must match; null for none.</summary>
    public string? Pattern { get; set; }

    /// <summary>The only values; empty for any. Of an enumeration its names.</summary>
    public object[] Choices { get; set; } = [];

    internal ParamRules Rules => new()
    {
        Minimum = double.IsNaN(Minimum) ? null : (decimal)Minimum,
        Maximum = double.IsNaN(Maximum) ? null : (decimal)Maximum,
        LengthMin = LengthMin < 0 ? null : LengthMin,
        LengthMax = LengthMax < 0 ? null : LengthMax,
        Pattern = Pattern,
        Choices = ParamRules.OneOf(Choices).Choices,
    };
}
