namespace DataPlatform.Orchestrator.Execution;

/// <summary>An executor of this project whose call returns at once, so that the loop may make it.</summary>
internal interface IReturnsAtOnce : IExecutor;
