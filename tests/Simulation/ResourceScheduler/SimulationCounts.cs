namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>What happened in runs, so that a simulation in which nothing happens does not pass for one in which nothing went
/// wrong.</summary>
internal sealed class SimulationCounts
{
    public int Started { get; set; }

    public int Crashes { get; set; }

    public int FailOvers { get; set; }

    public int Saves { get; set; }

    public int RefusedByAgents { get; set; }

    public int RefusedByStore { get; set; }

    public void Add(SimulationCounts other)
    {
        Started += other.Started;
        Crashes += other.Crashes;
        FailOvers += other.FailOvers;
        Saves += other.Saves;
        RefusedByAgents += other.RefusedByAgents;
        RefusedByStore += other.RefusedByStore;
    }

    public override string ToString()
        => $"{Started} containers started, {Crashes} crashes, {FailOvers} new leaders, {Saves} states saved, {RefusedByAgents} commands of old leaders refused by agents, {RefusedByStore} writes by the store";
}
