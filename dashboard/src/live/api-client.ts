import { z } from 'zod'
import type { SignInBody } from '#telemetry/accounts.ts'
import type { District } from '#telemetry/district.ts'
import { parseItemwise } from '#telemetry/itemwise.ts'
import { jsonOf } from '#telemetry/json.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { personSchema } from '#telemetry/people.ts'
import { districtsResponse, type Problem, problemSchema } from '#telemetry/rest.ts'
import { type RoadsResponse, roadsResponse } from '#telemetry/roads-rest.ts'
import { sessionEndSchema } from '#telemetry/session-end.ts'
import { timeZoneSchema } from '#telemetry/time-zone.ts'
import { type VnAqiResponse, vnAqiResponse } from '#telemetry/vn-aqi-rest.ts'

const line = z.object({ type: z.literal('LineString'), coordinates: z.array(z.array(z.number()).min(2)) })
const point = z.object({ type: z.literal('Point'), coordinates: z.array(z.number()).min(2) })
const mapSchema = z.object({
  type: z.literal('FeatureCollection'),
  /** its roads are a sketch, beside where the roads are */
  schematic: z.boolean().default(true),
  features: z.array(
    z.object({
      type: z.literal('Feature'),
      geometry: z.union([line, point]),
      properties: z.record(z.string(), z.unknown()),
    }),
  ),
})
/** The schematic map: roads, waterways and places. */
export type SchematicMap = z.infer<typeof mapSchema>

const configSchema = z.object({
  signedIn: z.boolean(),
  openId: z.boolean(),
  /** a newer server may know more reasons */
  ended: sessionEndSchema.optional().catch(undefined),
  person: personSchema.optional(),
  mapStyleUrl: z.string().optional(),
  baseMapUrl: z.string().optional(),
  timeZone: timeZoneSchema.optional(),
})
/** Whether somebody is signed in and who, and the settings of this installation. */
export type PageConfig = z.infer<typeof configSchema>

const timeoutMs = 15_000

/** The platform did not answer as agreed; `status` is 0 when it did not answer at all. */
export class ApiError extends Error {
  readonly status: number
  /** what the platform itself says is wrong, in English; absent when it said nothing */
  readonly problem: Problem | undefined
  constructor(message: string, status: number, { cause, problem }: { cause?: unknown; problem?: Problem } = {}) {
    super(message, { cause })
    this.status = status
    this.problem = problem
  }
}

/** The problem document of an answer, if it holds one. */
async function problemOf(answer: Response): Promise<{ problem?: Problem }> {
  const { data } = problemSchema.safeParse(await answer.json().catch(() => undefined))
  return data ? { problem: data } : {}
}

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const signal = init.signal ?? AbortSignal.timeout(timeoutMs)
  const answer = await fetch(`/api/v1${path}`, { ...init, signal }).catch((cause: unknown) => {
    throw new ApiError(`${path} did not answer`, 0, { cause })
  })
  if (!answer.ok) throw new ApiError(`${path} answered ${answer.status}`, answer.status, await problemOf(answer))
  return answer
}

/**
 * Asks for a path under `/api/v1`; `signal` ends the wait, after 15 s otherwise. Of the answer's `lists`, what does not fit the
 * schema is left out alone. Throws ApiError.
 */
export async function get<T>(
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
  ...lists: readonly (keyof T & string)[]
): Promise<T> {
  return read(path, schema, await request(path, signal ? { signal } : {}), ...lists)
}

/** Sends JSON to a path under `/api/v1` and reads the answer. Throws ApiError. */
export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  waitMs = timeoutMs,
): Promise<T> {
  const signal = AbortSignal.timeout(waitMs)
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return read(path, schema, await request(path, { method, signal, ...json }))
}

async function read<T>(
  path: string,
  schema: z.ZodType<T>,
  answer: Response,
  ...lists: readonly (keyof T & string)[]
): Promise<T> {
  const parsed = parseItemwise(schema, jsonOf(await answer.text()), ...lists)
  if (!parsed.ok) throw new ApiError(`${path}: ${parsed.reason}`, answer.status)
  if (parsed.dropped > 0) console.warn(`${parsed.dropped} of ${path} left out: ${parsed.reason}`)
  return parsed.value
}

/** Why a sign-in did not succeed. */
export type SignInFault = 'wrong' | 'often' | 'short' | 'unreachable' | 'used' | 'expired' | 'replaced' | 'disabled'

/** Faults that say more of a one-time link than that it is wrong. */
const linkFaults: Readonly<Record<string, SignInFault>> = {
  INVITATION_USED: 'used',
  INVITATION_EXPIRED: 'expired',
  INVITATION_REPLACED: 'replaced',
  ACCOUNT_DISABLED: 'disabled',
}

async function attempt(path: string, body: unknown): Promise<SignInFault | undefined> {
  try {
    await send('POST', path, body, personSchema)
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 429) return 'often'
    if (error.status === 400) return 'short'
    if (error.status > 400 && error.status < 500) return linkFaults[error.problem?.faults?.[0]?.code ?? ''] ?? 'wrong'
    throw error
  }
}

/** Signs in with name and password or with a token; the answer sets a cookie. Throws ApiError when the platform is not well. */
export const signIn = (body: SignInBody): Promise<SignInFault | undefined> => attempt('/session', body)

/** Chooses a password with a one-time token, and signs in. Throws ApiError when the platform is not well. */
export const acceptInvitation = (token: string, password: string): Promise<SignInFault | undefined> =>
  attempt('/session/invitation', { token, password })

/** The pilot districts. Throws ApiError. */
export async function fetchDistricts(): Promise<District[]> {
  return (await get('/districts', districtsResponse)).districts
}

/** Roads, waterways and places of the schematic map. Throws ApiError. */
export const fetchMap = (): Promise<SchematicMap> => get('/map', mapSchema)

/** The roads of the base map on which sensors of a kind stand. Throws ApiError. */
export const fetchRoads = (kind: Kind): Promise<RoadsResponse> =>
  get(`/roads?kind=${kind}`, roadsResponse, undefined, 'features')

/** Whether one is signed in, and the settings. Throws ApiError. */
export const fetchConfig = (): Promise<PageConfig> => get('/config', configSchema)

/** The hourly VN_AQI of all stations as of the last full hour at or before a time (epoch ms). Throws ApiError. */
export const fetchVnAqi = (at: number): Promise<VnAqiResponse> =>
  get(`/air-quality?at=${Math.round(at)}`, vnAqiResponse, undefined, 'stations', 'without')
