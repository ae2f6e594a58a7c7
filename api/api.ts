import { districtDistance } from '#city/district-distance.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { type LiveHub, startLiveHub } from './live/live-hub.ts'
import { type MqttFeed, startMqttFeed } from './mqtt/mqtt-feed.ts'
import type { ApiOptions } from './options.ts'
import { watchStore } from './platform-health.ts'
import { type RegistrySeed, seedRegistry } from './sensors/registry-seed.ts'
import type { ApiServer } from './server/api-server.ts'
import { clientAddressReader } from './server/client-address.ts'
import { listen, trackConnections } from './server/listen.ts'
import { buildServer } from './server/server.ts'
import { type ApiServices, startServices } from './services.ts'

export interface Api {
  /** without a slash at its end */
  url: string
  port: number
  /** Ends every connection; the store stays open. Idempotent. */
  close(): Promise<void>
}

/** Opens the live feed on the server of the api. */
function startLiveFeed(app: ApiServer, services: ApiServices, { web, log }: ApiOptions): LiveHub {
  return startLiveHub({
    ...services,
    ...{ http: app.server, registry: services.sensors, log, web },
    cookies: (header) => app.parseCookie(header),
    addressOf: clientAddressReader(web.trustProxy),
  })
}

/** Follows the broker; what it sends goes into the registry and to the live feed, commands go the other way. */
function followBroker(hub: LiveHub, services: ApiServices, options: ApiOptions, steady: SteadyClock): MqttFeed {
  const { commands, refusals } = services
  const listener = {
    ...hub,
    answer: commands.handleAnswer.bind(commands),
    refusals: (text: string) => refusals.receive(text),
  }
  const feed = startMqttFeed(options.mqtt, {
    ...services,
    ...{ registry: services.sensors, log: options.log, events: listener, steady },
    distance: districtDistance(options.districts),
  })
  commands.connect({ send: feed.send, publish: hub.command })
  services.overrides.onChange(hub.overrides)
  services.alerts.connect(hub)
  return feed
}

/**
 * Starts REST, live feed and dashboard; neither broker nor store need be up. Rejects with ConfigError when it cannot
 * listen; nothing is left running then.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { store, log, host, tls } = options
  const steady = new SteadyClock()
  const services = await startServices(options, steady)
  const { sensors, health, clock, commands, alerts } = services
  let seed: RegistrySeed | undefined
  const { dashboardDir, districts, map, baseMap, web, registry, questions, connections, figures } = options
  const app = await buildServer({
    ...services,
    ...{ store, log, districts, map, baseMap, web, tls, dashboardDir, questions, connections, figures, registry },
    isSeeded: () => seed?.done ?? false,
  })
  const closeServer = trackConnections(app)
  const hub = startLiveFeed(app, services, options)
  const stopWatching = watchStore(store, health)
  seed = await seedRegistry({ store, registry: sensors, log, clock, steady }, () => hub.resync())
  health.onChange(() => {
    if (health.now.broker) seed?.soon()
  })
  const feed = followBroker(hub, services, options, steady)
  const stop = async () => {
    stopWatching()
    seed?.stop()
    await commands.close()
    await feed.close()
    await alerts.close()
    hub.close()
    await closeServer()
    await services.close()
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= stop()
    return closing
  }
  try {
    const port = await listen(app, host, options.port)
    const name = host.includes(':') ? `[${host}]` : host
    return { url: `${tls ? 'https' : 'http'}://${name}:${port}`, port, close }
  } catch (error) {
    await close()
    throw error
  }
}
