using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary>One line on the terminal that says how far a simulation is; nothing where nobody watches. Also where a stop is
/// noticed.</summary>
internal sealed class ProgressLine(bool isQuiet, CancellationToken cancellationToken) : IProgress<SimulationProgress>, IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);
    private readonly bool _isShown = !isQuiet && !Console.IsErrorRedirected;
    private long _shownAt = TimeProvider.System.GetTimestamp();
    private bool _hasShown;

    public void Report(SimulationProgress value)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isShown && TimeProvider.System.GetElapsedTime(_shownAt) >= Every)
        {
            _shownAt = TimeProvider.System.GetTimestamp();
            _hasShown = true;
            var share = value.Jobs == 0 ? 1 : (double)value.Finished / value.Jobs;
            Console.Error.Write($"\r{share,5:P0} of {value.Jobs:N0} jobs, virtual time {TimeSpan.FromMilliseconds(value.TimeMs):d\\.hh\\:mm\\:ss} ");
        }
    }

    public void Dispose()
    {
        if (_hasShown)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }
}
