namespace DataPlatform.Orchestrator.Schedules;

/// <summary>What a cron expression means when both its day of month and its day of week are set.</summary>
public enum CronDialect
{
    /// <summary>Both must match: <c>0 0 13 * 5</c> is every Friday the 13th. As Cronos has it.</summary>
    Cronos,

    /// <summary>One of them must match, unless one begins with <c>*</c>: <c>0 0 13 * 5</c> is every 13th and every Friday. As cron of Unix and
    /// croniter, so Airflow, have it (crontab(5) of Vixie cron).</summary>
    Vixie,
}
