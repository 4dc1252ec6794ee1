using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler;

/// <content>Messages, from 5001.</content>
public sealed partial class ResourceManager
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The scheduler refused an event: {Reason}")]
    private partial void LogEventRefused(string reason);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Container {ContainerId} was lost with node {Node}")]
    private partial void LogContainerLost(long containerId, string node);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Debug,
        Message = "Container {ContainerId} was released after the resource manager had stopped")]
    private partial void LogReleasedAfterStop(long containerId);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Critical, Message = "The loop of the resource manager failed")]
    private partial void LogLoopFailed(Exception failure);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Information,
        Message = "Leads with epoch {Epoch}: state of record {StateSequence}, then {Records} records with {Events} events")]
    private partial void LogLeads(long epoch, long stateSequence, long records, long events);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Information, Message = "Node {Node} is {State}: {Reason}")]
    private partial void LogNodeStateChanged(string node, NodeState state, string reason);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Debug, Message = "Application {ApplicationId} is {State}: {Reason}")]
    private partial void LogApplicationStateChanged(long applicationId, ApplicationState state, string reason);
}
