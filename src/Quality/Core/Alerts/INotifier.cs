namespace DataPlatform.Quality.Alerts;

/// <summary>Sends messages somewhere.</summary>
public interface INotifier
{
    /// <summary>Sends messages together; one, unless several wait for a digest.</summary>
    /// <param name="messages">The messages, at least one.</param>
    /// <param name="cancellationToken">Stops the sending; it may have happened.</param>
    /// <exception cref="QualityException">They were not taken; they will be sent again.</exception>
    ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default);
}
