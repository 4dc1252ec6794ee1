using DataPlatform.Kernel;

namespace DataPlatform.Kernel.Tests;

public sealed class LineageRunTests
{
    private static readonly DatasetId A = new("lake/a");
    private static readonly DatasetId B = new("lake/b");

    [Fact]
    public async Task A_run_is_current_for_the_flow_that_entered_it_and_for_no_other()
    {
        var run = new LineageRun("job", "run");
        var entered = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        var inside = Task.Run(async () =>
        {
            using (run.Enter())
            {
                await Task.Yield();
                Assert.Same(run, LineageRun.Current);
                entered.SetResult();
                await left.Task;
            }

            Assert.Null(LineageRun.Current);
        }, TestContext.Current.CancellationToken);
        await entered.Task;

        Assert.Null(LineageRun.Current);
        left.SetResult();
        await inside;
    }

    [Fact]
    public void A_report_has_each_dataset_once_with_its_newest_version()
    {
        var run = new LineageRun("job", "run");
        run.Read(A, 4);
        run.Wrote(B);
        Assert.True(run.Add(new LineageStep([new LineageDataset(A, 3) { Alias = "x" }], [new LineageDataset(B, 7)], "select 1")));
        run.Wrote(B, 6);

        var report = run.Report();

        Assert.Equal([new LineageDataset(A, 4)], report.Inputs);
        Assert.Equal([new LineageDataset(B, 7)], report.Outputs);
        Assert.Equal("select 1", Assert.Single(report.Steps).Sql);
        Assert.True(new LineageRun("job", "run").Report().IsEmpty);
    }

    [Fact]
    public void What_is_too_much_is_left_out_and_said_to_be()
    {
        var run = new LineageRun("job", "run");
        for (var i = 0; i < LineageRun.DatasetsMax; i++)
        {
            Assert.True(run.Read(new DatasetId($"lake/t{i}")));
        }

        Assert.False(run.IsCut);
        Assert.True(run.Read(new DatasetId("lake/t0"), 2));
        Assert.False(run.Read(A));
        Assert.False(run.Add(new LineageStep([new LineageDataset(A)], [])));
        Assert.False(run.Add(new LineageStep([], [], new string('x', LineageRun.SqlCharsMax + 1))));
        Assert.True(run.IsCut);
        Assert.Equal(LineageRun.DatasetsMax, run.Report().Inputs.Count);
        Assert.Empty(run.Report().Steps);
    }

    [Fact]
    public void Steps_and_columns_are_bounded_too()
    {
        var run = new LineageRun("job", "run");
        var source = Enumerable.Range(0, LineageRun.ColumnsMax).Select(i => new LineageSource(A, $"c{i}")).ToArray();
        Assert.False(run.Add(new LineageStep([], [], null, [new LineageColumn(B, "all", source)])));
        for (var i = 0; i < LineageRun.StepsMax; i++)
        {
            Assert.True(run.Add(new LineageStep([], [], "select 1")));
        }

        Assert.False(run.Add(new LineageStep([], [], "select 1")));
    }
}
