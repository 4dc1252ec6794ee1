using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>A run as a body sees it in a process beside the scheduler: values are read when they are asked for.</summary>
internal sealed class HostedRunReader(DagRun run, Dag dag, string? item, IXComReader values) : IRunReader
{
    public string? Pull(string taskId, string key, int mapIndex) =>
        dag.FindTask(taskId) is { } task ? values.Find(run.Id, task.Number, mapIndex, key) : null;

    public IReadOnlyList<string> PullAll(string taskId, string key) =>
        dag.FindTask(taskId) is { } task ? values.FindAll(run.Id, task.Number, key) : [];

    public string? Param(string name) =>
        RunParams.Property(run.Conf, name) ?? dag.Params.FirstOrDefault(parameter => parameter.Name == name)?.DefaultJson;

    public string? Item(TaskKey key) => item;
}
