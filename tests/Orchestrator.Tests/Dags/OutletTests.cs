using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Dags.TaskFlow;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Yaml;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class OutletTests
{
    private static readonly DatasetId Raw = new("lake/raw");
    private static readonly DatasetId Mart = new("lake/mart");
    private static readonly Func<TaskContext, CancellationToken, Task> Nothing = (_, _) => Task.CompletedTask;

    [Fact]
    public void Datasets_of_a_task_are_part_of_the_model_and_the_hash_of_others_stays()
    {
        var plain = new DagBuilder("d").Task("a", Nothing).Build();
        var declared = new DagBuilder("d").Task("a", Nothing, task => task.Inlets(Raw, Raw).Outlets(Mart)).Build();

        Assert.DoesNotContain("lets", plain.Model, StringComparison.Ordinal);
        Assert.NotEqual(plain.Hash, declared.Hash);
        var back = DagDocument.Read(declared.Model, null).Tasks[0];
        Assert.Equal("lake/raw > lake/mart", Text(back));
        Assert.Contains("inlets: (unset) -> lake/raw", DagDiff.Between(plain.Model, declared.Model).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Code_classes_and_YAML_say_the_same()
    {
        var built = new DagBuilder("d").Task("load", Nothing, task => task.Inlets(Raw).Outlets(Mart)).Build();
        var read = DagYaml.Read("dag: d\ntasks:\n  load:\n    code: load\n    inlets: lake/raw\n    outlets: [lake/mart]\n", new DagCode().Task("load", Nothing))[0];
        var compiled = DagClass.Of(new Loads());

        Assert.All([built, read, compiled], dag => Assert.Equal("lake/raw > lake/mart", Text(dag.Tasks[0])));
        Assert.Equal(built.Hash, read.Hash);
        Assert.Equal(built.Hash, compiled.Hash);
    }

    [Fact]
    public void A_wrong_name_in_YAML_is_pointed_at()
    {
        var error = Assert.Throws<DagYamlException>(() => DagYaml.Read(
            "dag: d\ntasks:\n  load:\n    code: load\n    outlets:\n      - lake/mart\n      - lake//raw\n", DagCode.Unresolved));

        Assert.Equal((7, 9), (error.Line, error.Column));
        Assert.Contains("'lake//raw' is no dataset name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_DAG_that_would_start_itself_for_ever_is_refused()
    {
        var error = Assert.Throws<DagException>(() => new DagBuilder("d").OnDatasets(DatasetCondition.Any(DatasetCondition.On(Raw), DatasetCondition.On(Mart)))
            .Task("a", Nothing).Task("b", Nothing, task => task.Outlets(Mart)).Build());

        Assert.Contains("task 'b' writes 'lake/mart', which starts this DAG", error.Message, StringComparison.Ordinal);
        Assert.NotNull(new DagBuilder("d").OnDataset(Raw, Mart).Task("b", Nothing, task => task.Outlets(Mart)).Build());
    }

    [Fact]
    public void A_task_declares_as_many_datasets_as_the_limit_and_no_more()
    {
        var many = Enumerable.Range(0, DagLimits.TaskDatasetsMax).Select(i => new DatasetId($"lake/t{i}")).ToArray();

        Assert.NotNull(new DagBuilder("d").Task("a", Nothing, task => task.Inlets(many)).Build());
        Assert.Throws<ArgumentException>(() => new DagBuilder("d").Task("a", Nothing, task => task.Inlets(many).Inlets(Raw)));
        Assert.Throws<ArgumentException>(() => new DagBuilder("d").Task("a", Nothing, task => task.Outlets(default(DatasetId))));
    }

    private static string Text(DagTask task) => $"{string.Join(',', task.Inlets)} > {string.Join(',', task.Outlets)}";

    [Dag("d")]
    public sealed class Loads
    {
        [Task(Inlets = ["lake/raw"], Outlets = ["lake/mart"])]
        public static Task LoadAsync() => Task.CompletedTask;
    }
}
