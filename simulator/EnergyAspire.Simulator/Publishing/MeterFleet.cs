using EnergyAspire.Messaging.Broker;
using EnergyAspire.Simulator.Expected;
using EnergyAspire.Simulator.Readings;
using EnergyAspire.Simulator.Settings;
using EnergyAspire.Simulator.Traffic;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace EnergyAspire.Simulator.Publishing;

/// <summary>
/// Runs the meters over one connection. A message is done when the broker has confirmed it. After a lost connection unconfirmed messages are sent
/// again. Messages that become due meanwhile are generated only when they are sent.
/// </summary>
public sealed class MeterFleet : BrokerWorker
{
    // Enough unconfirmed messages to keep the broker busy.
    private const int MostUnderWay = 4000;
    private const int MostGathered = 1000;
    private const int MostTraced = 16;

    private readonly ReadingPublisher _publisher;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<MeterFleet> _logger;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly SimulatedClock _clock;
    private readonly IEnumerator<Message> _messages;
    private readonly ExpectedFile? _expected;
    private readonly Queue<Message> _due = new(MostGathered);
    private readonly ConfirmWindow _underWay;
    private bool _more;
    private bool _wasLive;
    private long _confirmed;

    /// <summary>Creates the fleet and starts the simulated clock.</summary>
    public MeterFleet(
        IConnectionFactory connections, BrokerHealth health, TimeProvider time, ILogger<MeterFleet> logger,
        SimulatorSettings settings, ReadingPublisher publisher, IHostApplicationLifetime lifetime)
        : base(connections, health, time, logger)
    {
        _publisher = publisher;
        _lifetime = lifetime;
        _logger = logger;
        _time = time;
        _started = time.GetTimestamp();
        _clock = new SimulatedClock(time, settings.Start, settings.TimeAcceleration);
        _wasLive = _clock.IsLive;
        _underWay = new ConfirmWindow(MostUnderWay, Confirmed);

        var faults = new FaultPlan(settings.Faults, settings.Interval, settings.Seed);
        if (settings.ExpectFile is not null)
            _expected = new ExpectedFile(settings.ExpectFile, settings.Interval, faults.LongestDelay);

        _messages = settings.Messages(_clock.Start, faults).GetEnumerator();
        _more = _messages.MoveNext();
        SimulatorLog.Started(logger, settings.Meters.Count, settings.Interval, _clock.Start);
    }

    /// <inheritdoc />
    protected override string Name => "simulator";

    /// <inheritdoc />
    protected override async Task WorkAsync(IConnection connection, CancellationToken cancel)
    {
        await using var channel = await _publisher.OpenAsync(connection, cancel);
        Resume(channel, cancel);
        while (_due.Count > 0 || await TakeDueAsync(cancel))
            await SendDueAsync(channel, cancel);

        _expected?.Finish(_underWay.SentAgain);
        var duration = _time.GetElapsedTime(_started);
        SimulatorLog.Finished(_logger, _confirmed, duration, (long)(_confirmed / duration.TotalSeconds));
        _lifetime.StopApplication();
        await Task.Delay(Timeout.Infinite, cancel);
    }

    /// <summary>
    /// Waits for due messages and queues a group of them for sending. With an accelerated clock it collects several, because small groups would be
    /// slow. Returns false when there are no more messages and all are confirmed.
    /// </summary>
    private async Task<bool> TakeDueAsync(CancellationToken cancel)
    {
        for (var waited = false; _more; waited = true)
        {
            var now = _clock.Now;
            for (; _more && _messages.Current.Due <= now && _due.Count < MostGathered; _more = _messages.MoveNext())
                _due.Enqueue(_messages.Current);

            if (_due.Count == MostGathered || (_due.Count > 0 && (waited || _clock.IsLive)))
                return true;

            // Waiting for the confirms detects a lost connection now instead of at the next message.
            await _underWay.WaitForAllAsync();
            if (_clock.IsLive && !_wasLive)
            {
                _wasLive = true;
                SimulatorLog.CaughtUp(_logger, _confirmed);
            }

            if (_more)
                await _clock.WaitTowardsAsync(_messages.Current.Due, cancel);
        }

        if (_due.Count == 0)
            await _underWay.WaitForAllAsync();

        return _due.Count > 0;
    }

    private async Task SendDueAsync(IChannel channel, CancellationToken cancel)
    {
        var traced = _wasLive && _due.Count <= MostTraced;
        using var replay = traced ? null : ReplaySpan.Begin(_due.Count);
        while (_due.Count > 0)
        {
            await _underWay.WaitForRoomAsync();
            _underWay.Send(_due.Dequeue(), message => traced
                ? _publisher.ReportAsync(channel, message, cancel)
                : _publisher.SendAsync(channel, message, replay?.Id, cancel));
        }
    }

    private void Resume(IChannel channel, CancellationToken cancel)
    {
        using var replay = ReplaySpan.Begin(_underWay.Count);
        _underWay.Resume(message => _publisher.SendAsync(channel, message, replay.Id, cancel));
    }

    private void Confirmed(Message message)
    {
        _confirmed += message.Readings.Count;
        _expected?.Confirmed(message);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _messages.Dispose();
        _expected?.Dispose();
        base.Dispose();
    }
}
