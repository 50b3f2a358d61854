using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>
/// Runs the meters over one connection. A reading is done when the broker has confirmed it; what a lost connection leaves
/// unconfirmed is sent again, and what becomes due meanwhile isn't kept but made when it is sent.
/// </summary>
public sealed class MeterFleet : BrokerWorker
{
    private const int MostUnderWay = 1000;
    private const int MostTraced = 16;

    private readonly SimulatorSettings _settings;
    private readonly ReadingPublisher _publisher;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<MeterFleet> _logger;
    private readonly SimulatedClock _clock;
    private readonly ReadingGenerator _generator;
    private readonly IEnumerator<ScheduledReading> _schedule;
    private readonly List<MeterReading> _underWay = [];
    private bool _more;
    private bool _wasLive;
    private long _confirmed;

    /// <summary>Starts the simulated clock.</summary>
    public MeterFleet(
        IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<MeterFleet> logger,
        SimulatorSettings settings, ReadingPublisher publisher, IHostApplicationLifetime lifetime)
        : base(connections, health, time, logger)
    {
        _settings = settings;
        _publisher = publisher;
        _lifetime = lifetime;
        _logger = logger;
        _clock = new SimulatedClock(time, settings.Start, settings.TimeAcceleration);
        _wasLive = _clock.IsLive;
        _generator = new ReadingGenerator(settings.Patterns, settings.Interval, settings.Seed);

        var schedule = new ReadingSchedule(settings.Meters, settings.Interval, _clock.Start, _clock.Start + settings.Duration);
        _schedule = schedule.Readings().GetEnumerator();
        _more = _schedule.MoveNext();
        SimulatorLog.Started(logger, settings.Meters.Count, settings.Interval, schedule.First);
    }

    /// <inheritdoc />
    protected override string Name => "simulator";

    /// <inheritdoc />
    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        await using var channel = await _publisher.OpenAsync(connection, cancel);
        while (_underWay.Count > 0 || await TakeDueAsync(cancel))
        {
            await _publisher.PublishAsync(channel, _underWay, traced: _wasLive && _underWay.Count <= MostTraced, cancel);
            _confirmed += _underWay.Count;
            _underWay.Clear();
        }

        SimulatorLog.Finished(_logger, _confirmed);
        _lifetime.StopApplication();
        await Task.Delay(Timeout.Infinite, cancel);
    }

    /// <summary>
    /// Waits for readings to be due and makes as many as may be under way; false when there are no more. While time flies it
    /// lets them gather, because few at a time would be slow.
    /// </summary>
    private async Task<bool> TakeDueAsync(CancellationToken cancel)
    {
        for (var waited = false; _more; waited = true)
        {
            var now = _clock.Now;
            for (; _more && _schedule.Current.Due <= now && _underWay.Count < MostUnderWay; _more = _schedule.MoveNext())
                _underWay.Add(_generator.Read(_schedule.Current.Meter, _schedule.Current.Timestamp));

            if (_underWay.Count == MostUnderWay || (_underWay.Count > 0 && (waited || _clock.IsLive)))
                break;

            if (_clock.IsLive && !_wasLive)
            {
                _wasLive = true;
                SimulatorLog.CaughtUp(_logger, _confirmed);
            }

            if (_more)
                await _clock.WaitTowardsAsync(_schedule.Current.Due, cancel);
        }

        return _underWay.Count > 0;
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _schedule.Dispose();
        base.Dispose();
    }
}
