import { Socket } from 'node:net'

/** What is needed of a client of MQTT.js. */
interface Client {
  readonly stream: unknown
  on(event: 'connect', listener: () => void): unknown
}

/**
 * Lets a client of MQTT.js send each packet at once, on every connection that it makes. Otherwise TCP holds a packet back until the one
 * before is acknowledged (Nagle's algorithm), which the other end may delay by 40 ms: an answer behind a PUBACK always waited for that.
 */
export function sendWithoutDelay(client: Client): void {
  client.on('connect', () => {
    const { stream } = client
    if (stream instanceof Socket) stream.setNoDelay(true)
  })
}
