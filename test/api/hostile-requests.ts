import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A request nobody means well with. */
export interface HostileRequest {
  method: string
  /** as it goes over the wire, not made well-formed */
  path: string
  headers: Record<string, string>
  body: Buffer | undefined
  /** what the description says this is answered with; absent where the request may have become another */
  responses: Operation['responses'] | undefined
}

interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  enum?: unknown[]
}

interface Operation {
  parameters?: { name: string; in: string; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>
}

/** What the generator reads of an OpenAPI document. */
export interface ApiDescription {
  paths: Record<string, Record<string, Operation>>
}

const texts = [
  '',
  ' ',
  'x'.repeat(3_000),
  "'; DROP TABLE events; --",
  "' OR '1'='1",
  '" OR time > 0; DROP DATABASE nhip --',
  'pm25" FROM "air-quality" WHERE time > 0 --',
  '$from',
  '{{constructor.constructor("return 1")()}}',
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '/etc/passwd\u0000.json',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'Trạm 🌫️ \u202E\uFFFE',
  'null',
  'true',
  'NaN',
  '2026-13-45T99:99:99Z',
  'raw',
  'pm25',
  'tay-ninh',
]
const numbers = [
  0,
  -1,
  1,
  0.5,
  -0,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER + 3,
  2 ** 63,
  1e21,
  946_684_800_000,
  4_102_444_800_001,
]
const encodings = [
  '%',
  '%zz',
  '%00',
  '%c0%ae%c0%ae',
  '%E0%A4%A',
  '%ff%fe',
  '%2e%2e%2f',
  '%0d%0aset-cookie:x=1',
  '%25%30%30',
]
const types = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'application/xml',
  'multipart/form-data',
  '',
]

/** Makes requests from the description of an api: the same seed makes the same ones. */
export function* hostileRequests(api: ApiDescription, seed: number, count: number): Generator<HostileRequest> {
  const random = xoroshiro128plus(seed)
  const below = (n: number) => uniformInt(random, 0, n - 1)
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T // below() is within the list
  const chance = (percent: number) => below(100) < percent

  const value = (depth = 0): unknown => {
    const make = [
      () => one(texts),
      () => one(numbers),
      () => one([null, true, false]),
      () => Array.from({ length: below(4) }, () => value(depth + 1)),
      () => Object.fromEntries(Array.from({ length: below(4) }, () => [one(texts).slice(0, 50), value(depth + 1)])),
      () => '['.repeat(1_000),
    ]
    return one(depth > 3 ? make.slice(0, 3) : make)()
  }
  /** Something of this schema, now and then of another. */
  const like = (schema: Schema, depth = 0): unknown => {
    if (chance(25) || depth > 4) return value()
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return like(one(choices), depth + 1)
    if (schema.enum) return one(schema.enum)
    const type = Array.isArray(schema.type) ? one(schema.type) : schema.type
    if (type === 'object')
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(() => !chance(15))
          .map(([name, property]) => [name, like(property, depth + 1)]),
      )
    if (type === 'array') return Array.from({ length: below(5) }, () => like(schema.items ?? {}, depth + 1))
    if (type === 'number' || type === 'integer') return one(numbers)
    return type === 'boolean' ? chance(50) : one(texts)
  }
  const inUrl = () => (chance(30) ? one(encodings) : encodeURIComponent(String(one([...texts, ...numbers]))))
  const bodyOf = (operation: Operation): Buffer | undefined => {
    const schema = operation.requestBody?.content['application/json']?.schema
    if (!schema && !chance(10)) return undefined
    const json = JSON.stringify(like(schema ?? {})) ?? ''
    if (chance(6)) return Buffer.from(json.slice(0, below(json.length + 1)))
    if (chance(4)) return Buffer.from(`{"a":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_001)}`)
    if (chance(4)) return Buffer.from(`{"__proto__":{"admin":true},"days":1e999}`)
    if (chance(4))
      return Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from('"}')])
    return Buffer.from(json)
  }
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  for (let made = 0; made < count; made += 1) {
    const { path, method, operation } = one(operations)
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query' && chance(70))
    const extra = chance(10) ? [`${inUrl()}=${inUrl()}`] : []
    const pairs = [...query.map(({ name }) => `${chance(5) ? `${name}[]` : name}=${inUrl()}`), ...extra]
    let isPlain = true
    const filled = path.replaceAll(/\{\w+\}/g, () => {
      if (chance(40)) return one(['aq-1', 'first-admin', 'tay-ninh'])
      isPlain = false
      return inUrl()
    })
    const trick = chance(5) ? one(['/..%2f..%2fetc/passwd', '/%2e%2e/', '//', '/./', ';x=1', '%00']) : ''
    const body = bodyOf(operation)
    const asked = chance(4) ? one(['PUT', 'PATCH', 'OPTIONS', 'DELETE', 'HEAD']) : method
    if (asked !== method || trick !== '') isPlain = false
    yield {
      method: asked.toUpperCase(),
      path: `${filled}${trick}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`,
      headers: body === undefined ? {} : { 'content-type': chance(85) ? 'application/json' : one(types) },
      body,
      responses: isPlain ? operation.responses : undefined,
    }
  }
}
