using CsCheck;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Tests.Queues;

public sealed class ApplicationsInOrderTests
{
    /// <summary>Whatever was added, removed or changed before, a walk goes by share, priority and number.</summary>
    [Fact]
    public void A_walk_is_in_order_after_any_history()
        => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 20], Gen.Int[0, 5]).Array[1, 80].Sample(steps =>
        {
            var order = new ApplicationsInOrder();
            var leaf = new Queue(0, QueueTree.Define().Build().Root, null);
            var known = Enumerable.Range(0, 21).Select(id => new Application(id, new ApplicationSpecification("a", "root",
                "u")
            { Priority = id % 3 }, leaf, 0))
                .ToArray();
            foreach (var (what, which, share) in steps)
            {
                var application = known[which];
                if (application.HeapPlace < 0)
                {
                    application.OrderShare = share;
                    order.Add(application);
                }
                else if (what == 0)
                {
                    order.Remove(application);
                }
                else
                {
                    application.OrderShare = share;
                    order.Moved(application);
                }
            }

            var walked = new List<Application>();
            order.Begin();
            while (order.Next() is { } next)
            {
                walked.Add(next);
            }

            Assert.Equal(known.Where(application => application.HeapPlace >= 0).OrderBy(application => application.OrderShare)
                .ThenByDescending(application => application.Definition.Priority).ThenBy(application => application.Id), walked);
        }, iter: 1_000, threads: 1);
}
