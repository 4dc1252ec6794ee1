namespace DataPlatform.Quality;

/// <summary>Runs suites.</summary>
public interface IQualityRunner
{
    /// <summary>Measures every rule of a suite and judges it.</summary>
    /// <param name="suite">The rules.</param>
    /// <param name="target">What to run them over.</param>
    /// <param name="cancellationToken">Stops the running query; nothing is stored by then.</param>
    /// <returns>
    /// A verdict per rule. What is wrong with a rule or with the data is a verdict, never an exception: one bad rule does not hide another.
    /// </returns>
    ValueTask<SuiteResult> RunAsync(QualitySuite suite, QualityTarget target, CancellationToken cancellationToken = default);
}
