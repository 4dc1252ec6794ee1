namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>The GPUs of one node. A request below one device shares a device; a larger one takes whole devices.</summary>
internal sealed class GpuDevices(int count)
{
    public const int DeviceMillis = 1000;

    private readonly int[] _free = [.. Enumerable.Repeat(DeviceMillis, count)];

    public int Count => _free.Length;

    public ReadOnlySpan<int> Free => _free;

    public void Restore(ReadOnlySpan<int> free) => free.CopyTo(_free);

    public bool HasRoomFor(int millis)
    {
        if (millis <= DeviceMillis)
        {
            foreach (var free in _free)
            {
                if (free >= millis)
                {
                    return true;
                }
            }

            return false;
        }

        var whole = 0;
        foreach (var free in _free)
        {
            whole += free == DeviceMillis ? 1 : 0;
        }

        return whole >= Whole(millis);
    }

    /// <summary>The devices the request would get: for a share, the one with the least left over.</summary>
    public (int Device, int Millis)[] Choose(int millis)
    {
        if (millis < DeviceMillis)
        {
            var best = -1;
            for (var device = 0; device < _free.Length; device++)
            {
                if (_free[device] >= millis && (best < 0 || _free[device] < _free[best]))
                {
                    best = device;
                }
            }

            return [(best, millis)];
        }

        return [.. Enumerable.Range(0,
            _free.Length).Where(device => _free[device] == DeviceMillis).Take(Whole(millis)).Select(device => (device, DeviceMillis))];
    }

    /// <summary>Takes from free amounts what <see cref="Choose"/> would choose.</summary>
    public static void Take(Span<int> free, int millis)
    {
        if (millis >= DeviceMillis)
        {
            var whole = Whole(millis);
            for (var device = 0; device < free.Length && whole > 0; device++)
            {
                whole -= free[device] == DeviceMillis ? 1 : 0;
                free[device] = free[device] == DeviceMillis ? 0 : free[device];
            }

            return;
        }

        var best = -1;
        for (var device = 0; device < free.Length && millis > 0; device++)
        {
            best = free[device] >= millis && (best < 0 || free[device] < free[best]) ? device : best;
        }

        if (best >= 0)
        {
            free[best] -= millis;
        }
    }

    public void Change(ReadOnlySpan<(int Device, int Millis)> devices, int direction)
    {
        foreach (var (device, millis) in devices)
        {
            if (device >= 0 && device < _free.Length)
            {
                _free[device] += direction * millis;
            }
        }
    }

    private static int Whole(int millis) => (millis + DeviceMillis - 1) / DeviceMillis;
}
