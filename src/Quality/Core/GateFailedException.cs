using DataPlatform.Kernel;

namespace DataPlatform.Quality;

/// <summary>A critical rule failed or could not be measured, so the data must not be used downstream.</summary>
/// <param name="result">The run that decided it.</param>
public sealed class GateFailedException(SuiteResult result) : QualityException(ErrorKind.Invalid, Describe(result))
{
    /// <summary>The run that decided it, with every verdict.</summary>
    public SuiteResult Result { get; } = result;

    private static string Describe(SuiteResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var reasons = result.Blocking.Select(v => $"{v.Rule} ({v.Outcome}): {v.Message}");
        return $"The gate '{result.Suite}' on {result.Version?.ToString() ?? result.Table} is closed. {string.Join(" | ", reasons)}";
    }
}
