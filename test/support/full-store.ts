import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { duckdbPath } from '#storage/open-store.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'

/** How much a store holds. */
export interface Fullness {
  days: number
  /** ms between two readings of a sensor */
  stepMs: number
  alertEvents: number
  refusals: number
}

/** The value that a full store holds of a kind: its leading one. */
export const filledValue = (kind: Kind): string => valuesOfKind[kind].find(({ type }) => type === 'number')?.name ?? ''

/** Makes a store in a folder that holds so much; written as SQL, for through the platform it would take long. */
export async function fillStore(folder: string, sensors: readonly SimulatedSensor[], full: Fullness): Promise<void> {
  const path = duckdbPath(folder)
  await (await openDuckdbStore({ path, log: pino({ level: 'silent' }) })).close()
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const from = Date.now() - full.days * 86_400_000
  const steps = Math.floor((full.days * 86_400_000) / full.stepMs)
  for (const kind of kinds) {
    const places = sensors.filter((sensor) => sensor.kind === kind)
    if (places.length === 0) continue
    const list = places.map(({ district, id }) => `('${district}', '${id}')`).join(', ')
    await connection.run(
      `INSERT INTO ${kind.replaceAll('-', '_')} (district, sensor, ts, seq, "${filledValue(kind)}")
       SELECT district, sensor, ${from} + i * ${full.stepMs}, i, (i % 90)::DOUBLE
       FROM range(${steps}) steps(i), (VALUES ${list}) places(district, sensor)`,
    )
  }
  const alertMs = Math.floor((full.days * 86_400_000) / full.alertEvents)
  await connection.run(
    `INSERT INTO events (stream, id, ts, body) SELECT 'alert', id || '-' || revision, ts, json_object('type', if(revision = 1, 'raised', 'cleared'), 'at', ts, 'alert',
      json_object('id', id, 'revision', revision, 'rule', 'pm25-high', 'name', json_object('vi', 'Bụi mịn cao', 'en', 'Fine dust high'), 'cause', 'threshold', 'priority', 2,
      'kind', 'air-quality', 'sensors', json_array('air-' || (i % 100)), 'district', 'tay-ninh', 'group', 'tay-ninh/limit', 'value', 180.5, 'valueName', 'pm25', 'limit', 150, 'unit', 'µg/m³',
      'raisedAt', ts - (revision - 1) * 1000, 'occurrences', 1, 'clearedAt', if(revision = 1, NULL, ts), 'closedAt', if(revision = 1, NULL, ts)))
     FROM (SELECT i, 'bench' || (i // 2) AS id, i % 2 + 1 AS revision, ${from} + i * ${alertMs} AS ts FROM range(${full.alertEvents}) steps(i))`,
  )
  // what has no value is left out of a body
  await connection.run(
    `UPDATE events SET body = replace(replace(body, ',"clearedAt":null', ''), ',"closedAt":null', '')`,
  )
  const { district, kind, id } = sensors[0] ?? { district: '', kind: '', id: '' }
  await connection.run(
    `INSERT INTO events (stream, id, ts, body) SELECT 'quarantine', md5(i::VARCHAR), ${Date.now()} - i * 1000, json_object('ts', ${Date.now()} - i * 1000,
      'topic', if(i % 2 = 0, 'city/v1/${district}/${kind}/${id}/reading', 'city/v1/x/traffic/x' || (i % 50) || '/reading'), 'payload', repeat('{"ts":1,', 500), 'payloadBytes', 4000, 'code', 'JSON', 'reason', 'is no JSON', 'count', 1)
     FROM range(${full.refusals}) refusals(i)`,
  )
  connection.closeSync()
  instance.closeSync()
}
