import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodePubacks } from '#broker/wire/pubacks.ts'
import { sendWithoutDelay } from '#telemetry/mqtt-no-delay.ts'
import { type ScriptedBroker, startScriptedBroker } from '../broker/scripted-broker.ts'
import { until } from '../journal/journal-parts.ts'

const topic = 'city/v1/tay-ninh/lighting/lamp-1/reading'

/** What the bridge and the services lean on and MQTT.js does not promise: a newer version must pass these before it is taken. */
describe('MQTT.js, as bridge and services use it,', () => {
  let broker: ScriptedBroker
  let client: MqttClient
  let taken: { messageId: number | undefined; stream: MqttClient['stream'] }[]

  beforeEach(async () => {
    broker = await startScriptedBroker(topic)
    client = connect(broker.url, {
      ...{ clientId: 'contract', clean: false, protocolVersion: 4, reconnectPeriod: 0, resubscribe: false },
    })
    client.on('error', () => {}) // the close that follows says it
    client.on('connect', () => client.subscribe(topic, { qos: 1 }))
    taken = []
  })
  afterEach(async () => {
    await client.endAsync(true)
    broker.close()
  })
  const take =
    (answer: (next: () => void) => void): MqttClient['handleMessage'] =>
    ({ messageId }, callback) => {
      taken.push({ messageId, stream: client.stream })
      answer(() => callback(new Error('acknowledged later')))
    }
  const connection = (number: number) => until(`connection ${number}`, () => broker.connections[number - 1])
  const ids = () => taken.map(({ messageId }) => messageId)

  it('sends no PUBACK for an error, goes on with the next packet, and takes acknowledgements by hand', async () => {
    client.handleMessage = take((next) => next())
    const only = await connection(1)
    only.send([1, 2, 3])
    await until('three messages', () => taken.length === 3)
    only.send([4])
    await until('the fourth', () => taken.length === 4)
    expect(only.acknowledged).toEqual([])
    client.stream.write(encodePubacks([2, 1, 65_535]))
    await until('three acknowledgements', () => only.acknowledged.length === 3)
    expect(only.acknowledged).toEqual([2, 1, 65_535])
  })

  it('reads no further while the callback is not called', async () => {
    const parked: (() => void)[] = []
    client.handleMessage = take((next) => parked.push(next))
    const only = await connection(1)
    only.send([1, 2])
    await until('the first', () => taken.length === 1)
    expect(ids()).toEqual([1])
    parked[0]?.()
    await until('the second', () => taken.length === 2)
  })

  it('gives what is left of a lost connection with the stream of that one, and nothing of it once it connects again', async () => {
    const parked: (() => void)[] = []
    client.handleMessage = take((next) => parked.push(next))
    const first = await connection(1)
    const lost = client.stream
    first.send([1, 2, 3])
    await until('the first', () => taken.length === 1)
    const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)))
    first.cut()
    await closed
    parked[0]?.()
    await until('the second', () => taken.length === 2)
    expect(taken[1]).toEqual({ messageId: 2, stream: lost })
    client.reconnect()
    const second = await connection(2)
    parked[1]?.()
    await nextTurn()
    second.send([7])
    await until('the new one', () => taken.length === 3)
    expect(ids()).toEqual([1, 2, 7])
    expect(taken[2]?.stream).not.toBe(lost)
    expect(second.acknowledged).toEqual([])
  })

  it('gives the socket of each of its connections as its stream: what is sent need not wait for what was sent before', async () => {
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    try {
      sendWithoutDelay(client)
      const first = await connection(1)
      await until('the first', () => noDelay.mock.contexts.includes(client.stream))
      const closed = new Promise((resolve) => client.once('close', () => resolve(undefined)))
      const lost = client.stream
      first.cut()
      await closed
      client.reconnect()
      await connection(2)
      await until('the second', () => noDelay.mock.contexts.includes(client.stream))
      expect(client.stream).not.toBe(lost)
      expect(noDelay).toHaveBeenCalledWith(true)
    } finally {
      noDelay.mockRestore()
    }
  })
})
