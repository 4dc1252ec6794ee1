using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Sends commands to DAGs of other processes and waits for their answers.</summary>
internal sealed class CommandSender(ICommandQueue queue, Pulse answers)
{
    private static readonly TimeSpan LookFirst = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Sends a command and gives its result.</summary>
    /// <exception cref="OrchestratorException">The scheduler refused.</exception>
    public async Task<T> AskAsync<T>(EngineCommand command, CancellationToken cancellationToken)
    {
        var id = await queue.SendAsync(command.ToQueued(), cancellationToken).ConfigureAwait(false);
        for (var pause = LookFirst; ; pause = pause * 2 < LookEvery ? pause * 2 : LookEvery)
        {
            var next = answers.Next;
            if (await queue.FindAnswerAsync(id, cancellationToken).ConfigureAwait(false) is { } answer)
            {
                return answer.Error is null
                    ? JsonSerializer.Deserialize<T>(answer.Result ?? "null", JsonSerializerOptions.Web)!
                    : throw new OrchestratorException(answer.ErrorKind ?? ErrorKind.Invalid, answer.Error);
            }

            await Pulse.WaitAsync(next, pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a command whose result nobody needs.</summary>
    public ValueTask<long> SendAsync(EngineCommand command, CancellationToken cancellationToken) =>
        queue.SendAsync(command.ToQueued(), cancellationToken);
}
