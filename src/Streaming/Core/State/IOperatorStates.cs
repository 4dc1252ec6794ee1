namespace DataPlatform.Streaming.State;

/// <summary>
/// Where a function without keys declares its state, once, when it opens. It belongs to the subtask, is kept on the heap whatever back end
/// the
/// job has, and is written before the subtask goes on: it is meant to be small.
/// </summary>
public interface IOperatorStates
{
    /// <summary>A list whose items are dealt out evenly to the subtasks when the job restarts, whatever their number.</summary>
    /// <typeparam name="T">The items; they need a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    IListState<T> Split<T>(string name);

    /// <summary>A list of which every subtask gets the items of all subtasks when the job restarts.</summary>
    /// <typeparam name="T">The items; they need a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    IListState<T> Union<T>(string name);

    /// <summary>A map that is the same in every subtask; after a restart each has one of the copies. Change it alike everywhere.</summary>
    /// <typeparam name="TUserKey">The map's keys; they need a serialiser.</typeparam>
    /// <typeparam name="TValue">The map's values; they need a serialiser.</typeparam>
    /// <param name="name">The state's name, unique in the operator and stable over its life.</param>
    IMapState<TUserKey, TValue> Broadcast<TUserKey, TValue>(string name)
        where TUserKey : notnull;
}
