using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Operators;

/// <summary>Runs a keyed function beside a broadcast stream. Every subtask stores the map; after a restore each takes one of the copies.</summary>
internal sealed class KeyedBroadcastOperator<TKey, T, TRule, TRuleKey, TValue, TOut>(
    KeyedBroadcastFunction<TKey, T, TRule, TRuleKey, TValue, TOut> function,
    Func<T, TKey> keySelector,
    IStateSerializer<TKey> keySerializer,
    MapSerializer<TRuleKey, TValue> rulesSerializer)
    : KeyedFunctionOperator<TKey, TOut>(keySerializer), IInput<T>
    where TKey : notnull
    where TRuleKey : notnull
{
    private const string RulesName = "broadcast";
    private Dictionary<TRuleKey, TValue> _rules = [];

    public override IInput<TInput> Input<TInput>(int index) => index == 0 ? (IInput<TInput>)(object)this : (IInput<TInput>)(object)new RuleInput(this);

    public void Process(in BatchView<T> batch)
    {
        Counters.Took<T>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            var record = batch.Records[i];
            try
            {
                function.Process(record, _rules, ContextFor(keySelector(record), batch.KeyHashes[i], batch.TimesMs[i]));
            }
            catch (Exception exception) when (exception is not OperatorException)
            {
                OnRecordFailed(exception, record, batch.TimesMs[i], i, batch.Count);
            }
        }

        FlushResults();
    }

    public override void Snapshot(SubtaskSnapshot snapshot)
    {
        base.Snapshot(snapshot);
        var writer = new StateWriter();
        rulesSerializer.Write(writer, _rules);
        snapshot.Add(new BytesStateSource(Context.Uid, RulesName, StateKind.Broadcast, rulesSerializer.Schema, writer.WrittenSpan.ToArray()));
    }

    protected override void OnOpen(RestoredOperator? restored)
    {
        base.OnOpen(restored);
        restored?.Read(RulesName, static _ => true, rulesSerializer.CanRead, (ref StateReader reader) => _rules = rulesSerializer.Read(ref reader));
        function.Open(States);
    }

    protected override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<TKey, TOut> context) => function.OnTimer(timeMs, domain, _rules, context);

    private void ProcessRules(in BatchView<TRule> batch)
    {
        Counters.Took<TRule>(batch.Count);
        foreach (var rule in batch.Records)
        {
            function.ProcessBroadcast(rule, _rules);
        }
    }

    private sealed class RuleInput(KeyedBroadcastOperator<TKey, T, TRule, TRuleKey, TValue, TOut> owner) : IInput<TRule>
    {
        public void Process(in BatchView<TRule> batch) => owner.ProcessRules(batch);
    }
}
