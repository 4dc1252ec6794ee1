using CsCheck;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Containers;

public sealed class ContainerSetTests
{
    [Fact]
    public void A_set_holds_what_was_added_and_not_removed_by_number()
        => Gen.Select(Gen.Int[0, 150], Gen.Bool).Array[1, 400].Sample(steps =>
        {
            var leaf = new Queue(0, QueueTree.Define().Build().Root, null);
            var ask = new Ask(1, new Application(1, new ApplicationSpecification("a", "root", "u"), leaf, 0),
                new ContainerAsk(new ResourceVector(1, 1)), 0);
            var node = new Node(0, "n", new ResourceVector(1, 1), NodeProperties.None);
            var (set, model) = (new ContainerSet(), new SortedDictionary<long, Container>());
            foreach (var (id, isAdded) in steps)
            {
                if (isAdded && !model.ContainsKey(id))
                {
                    var container = new Container(id, ask, node, 0, 0);
                    model.Add(id, container);
                    set.Add(container);
                }
                else if (!isAdded && model.Remove(id, out var gone))
                {
                    set.Remove(gone);
                }

                Assert.Equal(model.Count, set.Count);
            }

            Assert.Equal(model.Values, set.InOrder());
        }, iter: 500, threads: 1);
}
