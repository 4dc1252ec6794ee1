namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>An application as preemption inside one queue sees it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="User">Its user.</param>
/// <param name="Priority">Higher is more important.</param>
/// <param name="Used">What it holds.</param>
/// <param name="Pending">What it waits for.</param>
public sealed record QueueApplication(string Id, string User, int Priority, double Used, double Pending);

/// <summary>Takes inside one queue from users above their limit for users below theirs, and from a user's less important applications for
/// the same
/// user's more important ones. A user at exactly the limit gives nothing, whatever the other's priority.</summary>
public static class IntraQueuePreemption
{
    /// <summary>Plans what each application gives.</summary>
    /// <param name="queueTotal">What the queue may hold.</param>
    /// <param name="userLimit">What one user may hold.</param>
    /// <param name="preemptMax">What may be taken in all.</param>
    /// <param name="applications">Its applications, oldest first.</param>
    /// <returns>What is taken from each, by name.</returns>
    public static IReadOnlyDictionary<string, double> Plan(
        double queueTotal, double userLimit, double preemptMax, IReadOnlyList<QueueApplication> applications)
    {
        ArgumentNullException.ThrowIfNull(applications);
        var given = applications.ToDictionary(application => application.Id, _ => 0.0, StringComparer.Ordinal);
        var users = applications.GroupBy(application => application.User).ToArray();
        var free = Math.Max(0, queueTotal - applications.Sum(application => application.Used));
        var need = Math.Max(0, users.Sum(user => Math.Max(0, Math.Min(user.Sum(app => app.Pending),
            userLimit - user.Sum(app => app.Used)))) - free);
        var left = preemptMax;
        foreach (var user in users)
        {
            var over = Math.Max(0, user.Sum(app => app.Used) - userLimit);
            var take = Math.Min(Math.Min(over, need), left);
            need -= Take([.. user], take, given);
            left -= take;
        }

        foreach (var user in users)
        {
            left -= ForTheMoreImportant([.. user], userLimit, Math.Min(left, preemptMax), given);
        }

        return given;
    }

    /// <summary>Least important first, then youngest.</summary>
    private static double Take(QueueApplication[] applications, double amount, Dictionary<string, double> given)
    {
        var left = amount;
        foreach (var application in applications.Reverse().OrderBy(application => application.Priority))
        {
            var take = Math.Min(left, application.Used - given[application.Id]);
            given[application.Id] += take;
            left -= take;
        }

        return amount - left;
    }

    private static double ForTheMoreImportant(QueueApplication[] applications, double userLimit, double allowed, Dictionary<string,
        double> given)
    {
        var taken = 0.0;
        var room = Math.Max(0, userLimit - applications.Sum(application => application.Used - given[application.Id]));
        foreach (var wanting in applications.Where(application => application.Pending > 0).OrderByDescending(application => application.Priority))
        {
            var below = applications.Where(application => application.Priority < wanting.Priority).ToArray();
            var need = Math.Min(Math.Max(0, wanting.Pending - room), allowed - taken);
            room = Math.Max(0, room - wanting.Pending);
            taken += Take(below, Math.Min(need, below.Sum(application => application.Used - given[application.Id])), given);
        }

        return taken;
    }
}
