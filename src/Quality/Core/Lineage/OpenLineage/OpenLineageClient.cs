using System.Net;
using System.Net.Http.Headers;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Posts the events of an outbox to a receiver, as Marquez, DataHub, OpenMetadata and this engine are.</summary>
/// <remarks>
/// Thread-safe; one round at a time. Each event is posted at least once, in the order of their times: a process killed between the answer and
/// noting it posts it again, which receivers bear, since run and time are the same. After a failure the next try waits, twice as long each time.
/// </remarks>
public sealed class OpenLineageClient : IDisposable
{
    private const int RoundEvents = 1_000;
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly OpenLineageOutbox _outbox;
    private readonly OpenLineageClientOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _failures;
    private DateTimeOffset _nextAt = DateTimeOffset.MinValue;

    /// <summary>Makes a client.</summary>
    /// <param name="http">Sends; stays the caller's.</param>
    /// <param name="address">Where to, for example <c>https://catalog.example/api/v1/lineage</c>.</param>
    /// <param name="outbox">The events.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public OpenLineageClient(HttpClient http, Uri address, OpenLineageOutbox outbox, OpenLineageClientOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(outbox);
        (_http, _address, _outbox) = (http, address, outbox);
        _options = options ?? new OpenLineageClientOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>When the next try is due; in the past when nothing is waited for.</summary>
    public DateTimeOffset NextAt => _nextAt;

    /// <summary>Posts what waits, unless a wait after a failure is not over yet.</summary>
    /// <param name="cancellationToken">Stops between two events.</param>
    /// <returns>How many were taken and how many refused for good; the latter are put aside.</returns>
    public async ValueTask<(int Taken, int Refused)> SendAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (taken, refused) = (0, 0);
            if (_time.GetUtcNow() < _nextAt)
            {
                return (taken, refused);
            }

            foreach (var (path, body) in await _outbox.OldestAsync(RoundEvents, cancellationToken).ConfigureAwait(false))
            {
                switch (await PostAsync(body, cancellationToken).ConfigureAwait(false))
                {
                    case true:
                        await _outbox.RemoveAsync(path, cancellationToken).ConfigureAwait(false);
                        taken++;
                        break;
                    case false:
                        await _outbox.RefuseAsync(path, body, cancellationToken).ConfigureAwait(false);
                        refused++;
                        break;
                    default:
                        _nextAt = _time.GetUtcNow() + _options.WaitAfter(++_failures);
                        return (taken, refused);
                }

                _failures = 0;
            }

            return (taken, refused);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    /// <returns>True when taken, false when refused for good, null when it may be tried again.</returns>
    private async ValueTask<bool?> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (_options.ApiKey is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? true
                : response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity ? false : null;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
