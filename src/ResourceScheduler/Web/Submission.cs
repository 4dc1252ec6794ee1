using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Web;

/// <summary>An application as a caller submits it. It ends when the last of its asks is done.</summary>
internal sealed record Submission(
    string Name, string Queue, string? User, IReadOnlyList<AskBody> Asks, int Priority = 0, IReadOnlyList<string>? Tags = null)
{
    public ApplicationSubmission ToApplication(string user) => new(
        new ApplicationSpecification(Name, Queue, user) { Priority = Priority, Tags = Tags ?? [], EndsWithAsks = true },
        [.. (Asks ?? []).Select(ask => ask.ToAsk(Name))]);
}

/// <summary>Equal tasks of a stage. <see cref="DependsOn"/> names earlier asks by their place in the list, from 0.</summary>
internal sealed record AskBody(
    Resources Resources, CommandBody Command, int Count = 1, int Priority = 0, IReadOnlyList<long>? DependsOn = null, int RetriesMax = 0,
    bool IsRequeued = true, bool IsGang = false, long GangTimeLimitMs = 0, string NodeLabel = "",
        IReadOnlyList<string>? PreferredNodes = null,
    IReadOnlyList<string>? PreferredRacks = null, int PerNodeMax = 0, long ExpectedRunMs = 0)
{
    public ContainerAsk ToAsk(string application)
    {
        if (Resources is null || Command?.File is not { Length: > 0 })
        {
            throw new ArgumentException($"An ask of '{application}' names no resources or no command.");
        }

        return new ContainerAsk(Resources.ToVector(), Count)
        {
            Work = new ContainerWork.Command(Command.File, Command.Arguments ?? [])
            {
                Environment = Command.Environment ?? new Dictionary<string, string>(),
            },
            Priority = Priority,
            DependsOn = DependsOn ?? [],
            RetriesMax = RetriesMax,
            IsRequeued = IsRequeued,
            IsGang = IsGang,
            GangTimeLimitMs = GangTimeLimitMs,
            NodeLabel = NodeLabel,
            PreferredNodes = PreferredNodes ?? [],
            PreferredRacks = PreferredRacks ?? [],
            PerNodeMax = PerNodeMax,
            ExpectedRunMs = ExpectedRunMs,
        };
    }
}

/// <summary>A program, its arguments, and variables on top of a minimal environment.</summary>
internal sealed record CommandBody(string File, IReadOnlyList<string>? Arguments = null, IReadOnlyDictionary<string,
    string>? Environment = null);

/// <summary>On whose behalf an application is killed.</summary>
internal sealed record KillBody(string? User = null);

/// <summary>How long a node that leaves may take.</summary>
internal sealed record DecommissionBody(double LimitSeconds);

/// <summary>Whether maintenance begins or ends.</summary>
internal sealed record MaintenanceBody(bool IsOn);
