using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>
/// NOTIFY between processes, on connections of its own and never in a transaction with data: a NOTIFY takes a lock of the whole database when
/// it commits. Many signals within a few milliseconds become one. Signals may be lost.
/// </summary>
internal sealed class Signals(Database database)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(10);
    private const FleetSignal All = (FleetSignal)~0;

    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    private readonly string _channel = "dp_orchestrator_" + database.Options.Schema;
    private readonly string _self = Guid.NewGuid().ToString("N");
    private int _pending;
    private int _isSending;

    /// <summary>Sends soon; returns at once.</summary>
    public void Send(FleetSignal signal)
    {
        if (!database.Options.UsesNotify)
        {
            return;
        }

        Interlocked.Or(ref _pending, (int)signal);
        if (Interlocked.Exchange(ref _isSending, 1) == 0)
        {
            _ = Task.Run(SendAsync);
        }
    }

    /// <summary>What other processes signal, and this one too, except for pools and datasets: the sender knows that already.</summary>
    public async IAsyncEnumerable<FleetSignal> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!database.Options.UsesNotify)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        var arrived = Channel.CreateUnbounded<FleetSignal>(new UnboundedChannelOptions { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = ListenAsync(arrived.Writer, stop.Token);
        try
        {
            await foreach (var signal in arrived.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                var merged = signal;
                while (arrived.Reader.TryRead(out var next))
                {
                    merged |= next;
                }

                yield return merged;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await listening.ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            var signal = Interlocked.Exchange(ref _pending, 0);
            if (signal != 0)
            {
                await TrySendAsync(signal).ConfigureAwait(false);
                await Task.Delay(Every, TimeProvider.System).ConfigureAwait(false);
                continue;
            }

            Volatile.Write(ref _isSending, 0);
            if (Volatile.Read(ref _pending) == 0 || Interlocked.Exchange(ref _isSending, 1) != 0)
            {
                return;
            }
        }
    }

    private async Task TrySendAsync(int signal)
    {
        try
        {
            var command = database.Source.CreateCommand("SELECT pg_notify($1, $2)");
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.AddValues(_channel, string.Create(CultureInfo.InvariantCulture, $"{_self} {signal}"));
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or ObjectDisposedException)
        {
            // A hint that is lost: whoever waits for it looks by itself.
        }
    }

    private async Task ListenAsync(ChannelWriter<FleetSignal> arrived, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var connection = await database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    connection.Notification += (_, notification) => arrived.TryWrite(Read(notification.Payload));
                    await Database.ScalarAsync(connection, $"LISTEN {_channel}", cancellationToken).ConfigureAwait(false);

                    // What was signalled before is not told again.
                    arrived.TryWrite(All);
                    while (true)
                    {
                        await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or ObjectDisposedException)
            {
                await Task.Delay(ReconnectAfter, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private FleetSignal Read(string payload)
    {
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !int.TryParse(payload.AsSpan(space + 1), NumberStyles.Integer, CultureInfo.InvariantCulture, out var signal))
        {
            return All;
        }

        var isOwn = payload.AsSpan(0, space).SequenceEqual(_self);
        return (FleetSignal)signal & (isOwn ? ~(FleetSignal.Pools | FleetSignal.Datasets) : All);
    }
}
