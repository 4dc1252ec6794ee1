namespace DataPlatform.Lakehouse.Transactions;

/// <summary>Which commits of others may come between a transaction's read and its own commit.</summary>
public enum IsolationLevel
{
    /// <summary>Reads and writes behave as if transactions ran one after the other, in the order of the log.</summary>
    Serializable,

    /// <summary>Writes are serialisable; blind appends of others may slip in between, as in Databricks' default.</summary>
    WriteSerializable,

    /// <summary>Only files that both touch matter; right where no row changes, as in compaction.</summary>
    Snapshot,
}
