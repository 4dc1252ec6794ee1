using System.Globalization;
using Spectre.Console;

namespace DataPlatform.Samples.FlightDelays.Display;

/// <summary>A table on the terminal that is drawn over itself.</summary>
public sealed class LiveDisplay : IProgressDisplay
{
    private readonly IAnsiConsole _console;
    private readonly Table _table;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _drawing;
    private LiveDisplayContext? _context;

    /// <summary>Begins to draw.</summary>
    public LiveDisplay(IAnsiConsole console)
    {
        _console = console;
        _table = new Table { Border = TableBorder.Rounded }
            .AddColumn("stage").AddColumn(new TableColumn("rate").RightAligned()).AddColumn("position").AddColumn("detail");
        _drawing = console.Live(_table).StartAsync(async context =>
        {
            _context = context;
            await _ended.Task;
        });
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        if (_ended.Task.IsCompleted)
        {
            _console.WriteLine(line);
        }
        else
        {
            _table.Caption = new TableTitle(Markup.Escape(line));
            _context?.Refresh();
        }
    }

    /// <inheritdoc/>
    public void Show(TimeSpan elapsed, IReadOnlyList<StageProgress> stages)
    {
        _table.Title = new TableTitle(string.Create(CultureInfo.InvariantCulture, $"FlightDelays, {elapsed.TotalSeconds:0.0} s"));
        _table.Rows.Clear();
        foreach (var stage in stages)
        {
            _table.AddRow($"[bold]{Markup.Escape(stage.Name)}[/]", Markup.Escape(stage.Rate), Markup.Escape(stage.Position), Markup.Escape(stage.Detail));
        }

        _context?.Refresh();
    }

    /// <summary>Leaves the last picture standing; what is said afterwards goes below it.</summary>
    public async ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        await _drawing;
    }
}
