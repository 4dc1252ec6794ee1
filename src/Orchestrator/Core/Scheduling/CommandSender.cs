using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Sends commands to DAGs of other processes and waits for their answers.</summary>
internal sealed class CommandSender(ICommandQueue queue, Pulse answers)
{
    private readonly SharedLook<CommandAnswer> _look = new(
        async (ids, cancellationToken) =>
            (await queue.ListAnswersAsync(ids, cancellationToken).ConfigureAwait(false)).ToDictionary(answer => answer.CommandId),
        answers);

    /// <summary>Sends a command and gives its result.</summary>
    /// <exception cref="OrchestratorException">The scheduler refused.</exception>
    public async Task<T> AskAsync<T>(EngineCommand command, CancellationToken cancellationToken)
    {
        var id = await queue.SendAsync(command.ToQueued(), cancellationToken).ConfigureAwait(false);
        var answer = await _look.WaitAsync(id, cancellationToken).ConfigureAwait(false);
        return answer.Error is null
            ? JsonSerializer.Deserialize<T>(answer.Result ?? "null", JsonSerializerOptions.Web)!
            : throw new OrchestratorException(answer.ErrorKind ?? ErrorKind.Invalid, answer.Error);
    }

    /// <summary>Sends a command whose result nobody needs.</summary>
    public ValueTask<long> SendAsync(EngineCommand command, CancellationToken cancellationToken) =>
        queue.SendAsync(command.ToQueued(), cancellationToken);
}
