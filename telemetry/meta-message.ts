import type { z } from 'zod'
import { type DeviceFault, type DeviceMessage, maxDeviceMessageBytes, textOf } from './device-fault.ts'
import { jsonFault } from './faults/json-fault.ts'
import { type MessageFault, messageFaultOf } from './faults/message-faults.ts'
import { quoted } from './faults/quotable-text.ts'
import { itemSources, memberSource } from './json-source.ts'
import { messageText } from './message-text.ts'
import { positionSchema } from './position.ts'
import { consistentMetaSchema, type SensorMeta, sensorMetaSchema } from './sensor.ts'

/** Longitude and latitude, degrees. */
export type Position = SensorMeta['position']

/** How far, in m, a position lies from a district; 0 inside it, undefined when its place is not known. */
export type DistanceToDistrict = (district: string, position: Position) => number | undefined

/** m outside its district within which a sensor may stand */
export const maxOutsideMetres = 50_000

/** members that may be absent, and then null as well */
const optional = Object.entries(sensorMetaSchema.shape)
  .filter(([, schema]) => schema.safeParse(undefined).success)
  .map(([name]) => name)

const refuse = (code: DeviceFault['code'], fault: MessageFault): { ok: false; fault: DeviceFault } => ({
  ok: false,
  fault: { code, faults: [fault] },
})

/** The two numbers of a position, whatever their order. */
function numbersOf(position: unknown): [number, number] | undefined {
  if (!Array.isArray(position) || position.length !== 2) return undefined
  const [a, b] = position as unknown[]
  return typeof a === 'number' && typeof b === 'number' ? [a, b] : undefined
}

function isSwapped([first, second]: [number, number], outside: (position: Position) => number | undefined): boolean {
  if (!positionSchema.safeParse([second, first]).success) return false
  // no latitude is that large
  if (Math.abs(second) > 90) return true
  return (
    (outside([first, second]) ?? 0) > maxOutsideMetres && (outside([second, first]) ?? Infinity) <= maxOutsideMetres
  )
}

/** What is wrong with a position beside its shape. */
function placeFault(meta: unknown, district: string, distance: DistanceToDistrict): MessageFault | undefined {
  const position = numbersOf((meta as { position?: unknown }).position)
  if (!position) return undefined
  const [path, found] = ['position', position.join(', ')]
  if (position[0] === 0 && position[1] === 0) return { path, code: 'NO_PLACE_OF_A_SENSOR', params: { found } }
  const outside = (at: Position) => distance(district, at)
  if (isSwapped(position, outside)) return { path, code: 'POSITION_SWAPPED', params: { found } }
  const metres = positionSchema.safeParse(position).success ? outside(position) : undefined
  if (metres === undefined || metres <= maxOutsideMetres) return undefined
  const params = { found, district, km: Math.round(metres / 1_000), mostKm: maxOutsideMetres / 1_000 }
  return { path, code: 'OUTSIDE_DISTRICT', params }
}

/** The fault that an issue stands for. */
function metaFault(issue: z.core.$ZodIssue, text: string): MessageFault {
  const path = issue.path.map(String)
  const source = path.reduce<string | undefined>((within, name) => within && partSource(within, name), text)
  // of the pair itself: an object, a text, one number, a height as the third
  if (source !== undefined && path.join() === 'position')
    return { path: 'position', code: 'NOT_A_POSITION', params: { found: quoted(source) } }
  return messageFaultOf(issue, { isThere: source !== undefined, source }, path.join('.'))
}

/** The text of a member of an object, or of an item of an array. */
function partSource(text: string, name: string): string | undefined {
  return text.startsWith('[') ? itemSources(text)[Number(name)] : memberSource(text, name)
}

/**
 * Reads what a sensor says of itself: JSON, with a byte order mark or ends of lines around it. An optional member may be null. Undefined
 * as the value: the retained meta is taken away.
 */
export function decodeMeta(
  payload: Uint8Array,
  district: string,
  distance: DistanceToDistrict,
): DeviceMessage<SensorMeta | undefined> {
  if (payload.byteLength === 0) return { ok: true, value: undefined }
  if (payload.byteLength > maxDeviceMessageBytes)
    return refuse('SHAPE', {
      code: 'TOO_MANY_BYTES',
      params: { bytes: payload.byteLength, most: maxDeviceMessageBytes },
    })
  const text = messageText(textOf(payload))
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    return refuse('JSON', jsonFault(error, text))
  }
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  const given = isObject ? withoutNulls(parsed as object) : parsed
  const place = isObject ? placeFault(given, district, distance) : undefined
  if (place) return refuse('PLACE', place)
  const meta = consistentMetaSchema.safeParse(given)
  if (meta.success) return { ok: true, value: meta.data }
  const [issue] = meta.error.issues
  return refuse(isObject ? 'VALUE' : 'SHAPE', issue ? metaFault(issue, text) : { code: 'NOT_A_META', params: {} })
}

function withoutNulls(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== null || !optional.includes(name)))
}
