using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Runs commands in processes of their own; other bodies run in this process.</summary>
/// <remarks>
/// Output lines go to the try's log; the last line of standard output is the task's return value. A cancelled or overdue program is killed
/// with
/// all it started. A memory setting of the task limits the program's address space (Linux). The program finds its try in <c>DP_DAG</c>,
/// <c>DP_RUN</c>, <c>DP_TASK</c>, <c>DP_MAP_INDEX</c>, <c>DP_TRY</c>, <c>DP_EPOCH</c> and <c>DP_LOGICAL_DATE</c>.
/// </remarks>
public sealed class SubprocessExecutor : IExecutor
{
    private readonly SubprocessExecutorOptions _options;

    /// <summary>Makes an executor.</summary>
    /// <param name="options">Settings; null for defaults.</param>
    public SubprocessExecutor(SubprocessExecutorOptions? options = null) => _options = options ?? new SubprocessExecutorOptions();

    /// <inheritdoc/>
    public string Name => "subprocess";

    /// <inheritdoc/>
    public bool StartsAtOnce => true;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        return invocation.Task.Body is CommandBody command
            ? await invocation.RunAsync(stop => RunAsync(command, invocation, stop), cancellationToken).ConfigureAwait(false)
            : await invocation.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<TaskOutcome> RunAsync(CommandBody command, TaskInvocation invocation, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartOf(command, invocation) };
        var output = new CommandOutput(invocation.Context, _options.NoteLinesMax);
        process.OutputDataReceived += (_, line) => output.Add(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => output.Add(line.Data, isError: true);
        try
        {
            process.Start();
        }
        catch (Win32Exception exception)
        {
            return TaskOutcome.Failed($"'{process.StartInfo.FileName}' cannot be started: {exception.Message}", mayRetry: false);
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return await OutcomeOfAsync(process.ExitCode, output, invocation.Context, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TaskOutcome> OutcomeOfAsync(
        int exitCode, CommandOutput output, TaskContext context, CancellationToken cancellationToken)
    {
        if (exitCode == _options.SkipExitCode)
        {
            return new TaskOutcome(TaskOutcomeKind.Skipped, $"exit code {exitCode}");
        }

        if (exitCode != 0)
        {
            return TaskOutcome.Failed($"exit code {exitCode}\n{output.Tail}");
        }

        if (output.ReturnValue() is { } json)
        {
            context.PushJson(TaskContext.ReturnKey, json);
        }

        return TaskOutcome.Success with { XComs = await context.TakePushedAsync(cancellationToken).ConfigureAwait(false) };
    }

    private ProcessStartInfo StartOf(CommandBody command, TaskInvocation invocation)
    {
        var context = invocation.Context;
        var start = new ProcessStartInfo
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _options.WorkingDirectory ?? string.Empty,
            FileName = Template.Render(command.File, context),
        };
        if (invocation.Task.MemoryMiB > 0 && OperatingSystem.IsLinux())
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(
                string.Create(CultureInfo.InvariantCulture, $"ulimit -v {invocation.Task.MemoryMiB * 1024L} && exec \"$0\" \"$@\""));
            start.ArgumentList.Add(start.FileName);
            start.FileName = "/bin/sh";
        }

        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(Template.Render(argument, context));
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = Template.Render(value, context);
        }

        foreach (var (name, text) in new[] { ("DAG", "dag"), ("RUN", "run"), ("TASK", "task"), ("MAP_INDEX", "map_index"), ("TRY", "try"),
            ("EPOCH", "epoch"), ("LOGICAL_DATE", "logical_date") })
        {
            start.Environment["DP_" + name] = Template.Render("{{" + text + "}}", context);
        }

        return start;
    }
}
