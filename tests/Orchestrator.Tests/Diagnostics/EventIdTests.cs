using System.Reflection;
using DataPlatform.Orchestrator.Kubernetes;
using DataPlatform.Orchestrator.Mail;
using DataPlatform.Orchestrator.Quartz;
using DataPlatform.Orchestrator.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Tests.Diagnostics;

public sealed class EventIdTests
{
    [Fact]
    public void Every_line_of_the_log_has_an_event_id_of_its_own_in_the_engines_block()
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;
        Assembly[] assemblies =
        [
            typeof(OrchestratorEngine).Assembly, typeof(SqliteOrchestratorStore).Assembly, typeof(KubernetesTaskExecutor).Assembly,
            typeof(MailNotifier).Assembly, typeof(QuartzTimetable).Assembly, typeof(OrchestratorEndpoints).Assembly,
        ];

        var lines = assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(All))
            .Select(method => (Method: $"{method.DeclaringType!.Name}.{method.Name}", Line: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(entry => entry.Line is not null).ToLookup(entry => entry.Line!.EventId, entry => entry.Method);

        Assert.InRange(lines.Count, 20, 200);
        Assert.Empty(lines.Where(line => line.Count() > 1).Select(line => $"{line.Key}: {string.Join(", ", line)}"));
        Assert.All(lines, line => Assert.InRange(line.Key, 3000, 3999));
    }
}
