using EnergyAspire.Contracts;
using EnergyAspire.Messaging.Broker;
using EnergyAspire.Messaging.Inbox;
using EnergyAspire.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EnergyAspire.Messaging;

/// <summary>Registers the outbox and the event consumers of a service.</summary>
public static class MessagingExtensions
{
    /// <summary>Adds the broker's connection factory and the readiness check of this process's broker workers.</summary>
    /// <param name="connectionName">Name of the broker's connection string.</param>
    public static IHostApplicationBuilder AddBroker(this IHostApplicationBuilder builder, string connectionName)
    {
        builder.AddRabbitMQClient(
            connectionName,
            // Workers open their own connections and report to BrokerHealth instead.
            settings => settings.DisableHealthChecks = true,
            factory => factory.AutomaticRecoveryEnabled = false);
        builder.Services.TryAddSingleton<BrokerHealth>();
        builder.Services.TryAddSingleton<MessagingMetrics>();
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>("broker");

        return builder;
    }

    /// <summary>
    /// Adds the dispatcher that publishes events from the outbox of <typeparamref name="TContext"/>, and its measurement. <see cref="OutboxExtensions.Announce"/> puts
    /// them there.
    /// </summary>
    public static IHostApplicationBuilder AddOutbox<TContext>(this IHostApplicationBuilder builder)
        where TContext : DbContext
    {
        builder.Services.AddSingleton<OutboxSignal<TContext>>();
        builder.Services.ConfigureDbContext<TContext>((services, options) =>
            options.AddInterceptors(services.GetRequiredService<OutboxSignal<TContext>>()));
        builder.Services.AddHostedService<OutboxDispatcher<TContext>>();
        builder.Services.AddHostedService<OutboxMeasurement<TContext>>();

        return builder;
    }

    /// <summary>Consumes an event queue with handlers that write to <typeparamref name="TContext"/>.</summary>
    /// <param name="queue">Queue to consume.</param>
    /// <param name="configure">Adds a handler for each event type the queue is bound to.</param>
    /// <param name="configureOptions">Changes the retry delays, the concurrency or the retention of the inbox.</param>
    /// <exception cref="InvalidOperationException">The handlers are not exactly those the queue is bound to.</exception>
    public static IHostApplicationBuilder AddEventConsumer<TContext>(
        this IHostApplicationBuilder builder, EventQueue queue, Action<EventHandlers<TContext>> configure,
        Action<EventConsumerOptions>? configureOptions = null)
        where TContext : DbContext
    {
        var handlers = new EventHandlers<TContext>();
        configure(handlers);
        if (!handlers.EventTypes.ToHashSet(StringComparer.Ordinal).SetEquals(queue.EventTypes))
            throw new InvalidOperationException($"The handlers of {queue.Name} don't match its bindings: {string.Join(", ", queue.EventTypes)}.");

        var options = new EventConsumerOptions();
        configureOptions?.Invoke(options);

        builder.Services.AddSingleton<IHostedService>(services =>
            ActivatorUtilities.CreateInstance<EventConsumer<TContext>>(services, queue, handlers, options));
        builder.Services.AddSingleton<IHostedService>(services =>
            ActivatorUtilities.CreateInstance<InboxCleaner<TContext>>(services, options));

        return builder;
    }
}
